// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/nn/style_net.h"

#include "pocketstyle/nn/rewritten_conv.h"

namespace pocketstyle::nn {
namespace {

using torch::nn::Conv2d;
using torch::nn::Conv2dOptions;
using torch::nn::InstanceNorm2d;
using torch::nn::InstanceNorm2dOptions;

InstanceNorm2d instance_norm(std::int64_t channels) {
  return InstanceNorm2d(InstanceNorm2dOptions(channels).affine(true).eps(1e-5));
}

/// What the next convolution wants around its input.
struct Padding {
  std::int64_t size;
  PadMode mode;
};

torch::Tensor norm_relu(const InstanceNorm2d& layer, const torch::Tensor& x, Padding padding) {
  return norm_pad(x, layer->weight, layer->bias, {},
                  {.relu = true, .padding = padding.size, .mode = padding.mode, .eps = layer->options.eps()});
}

/// The sizes of one level on the way up: `height` x `width` is what it had on the way down.
struct Doubling {
  std::int64_t height, width;
  bool exact;  ///< the level below has exactly half of both; else one row or column of the doubled picture goes

  Doubling(const torch::Tensor& below, std::int64_t h, std::int64_t w)
      : height(h), width(w), exact(2 * below.size(2) == h && 2 * below.size(3) == w) {}
  [[nodiscard]] Padding padding() const {
    return exact ? Padding{1, PadMode::replicate} : Padding{0, PadMode::reflect};
  }

  /// Nearest-neighbour doubling of x, padded as asked above, cut to size, reflection-padded and convolved.
  [[nodiscard]] torch::Tensor operator()(const torch::Tensor& x, const ConvLayer& conv) const {
    if (exact) return conv_of_doubled(x, conv->conv2d->weight);
    const torch::Tensor doubled = torch::upsample_nearest2d(x, {2 * x.size(2), 2 * x.size(3)});
    const torch::Tensor cut = doubled.narrow(2, 0, height).narrow(3, 0, width);
    const torch::Tensor padded = torch::reflection_pad2d(cut.to(conv->conv2d->weight.scalar_type()), {1, 1, 1, 1});
    return conv->forward(padded.to(x.scalar_type()));
  }
};

}  // namespace

ConvLayerImpl::ConvLayerImpl(std::int64_t in, std::int64_t out, std::int64_t kernel, std::int64_t stride, bool bias)
    : padding(kernel / 2) {
  conv2d = register_module("conv2d", Conv2d(Conv2dOptions(in, out, kernel).stride(stride).bias(bias)));
}

torch::Tensor ConvLayerImpl::forward(const torch::Tensor& padded_x) const {
  const auto type = padded_x.scalar_type();
  const torch::Tensor bias = conv2d->bias.defined() ? conv2d->bias.to(type) : torch::Tensor();
  return torch::conv2d(padded_x, conv2d->weight.to(type, false, false, torch::MemoryFormat::ChannelsLast), bias,
                       *conv2d->options.stride());
}

ResidualBlockImpl::ResidualBlockImpl(config::BlockKind kind, std::int64_t width, std::int64_t mid) {
  const bool bottleneck = kind == config::BlockKind::bottleneck;
  const std::vector<std::int64_t> kernels =
      bottleneck ? std::vector<std::int64_t>{1, 3, 1} : std::vector<std::int64_t>{3, 3};
  std::int64_t in = width;
  for (std::size_t i = 0; i < kernels.size(); ++i) {
    const bool last = i + 1 == kernels.size();
    const std::int64_t out = bottleneck && !last ? mid : width;
    const std::string number = std::to_string(i + 1);
    convs.push_back(register_module("conv" + number, ConvLayer(in, out, kernels[i], /*stride=*/1, /*bias=*/false)));
    norms.push_back(register_module("in" + number, instance_norm(out)));
    in = out;
  }
  const torch::NoGradGuard no_grad;
  norms.back()->weight.zero_();
}

torch::Tensor ResidualBlockImpl::forward(const torch::Tensor& padded_x, std::int64_t padding, PadMode mode) {
  torch::Tensor y = padded_x;
  const std::size_t last = convs.size() - 1;
  for (std::size_t i = 0; i < last; ++i)
    y = norm_relu(norms[i], convs[i]->forward(y), {convs[i + 1]->padding, PadMode::reflect});
  return norm_pad(convs[last]->forward(y), norms[last]->weight, norms[last]->bias, padded_x,
                  {.relu = false,
                   .padding = padding,
                   .mode = mode,
                   .eps = norms[last]->options.eps(),
                   .margin = convs[0]->padding});
}

StyleNetImpl::StyleNetImpl(const config::Architecture& architecture_numbers) : architecture(architecture_numbers) {
  config::check(architecture);
  const auto [full, half, quarter] = architecture.widths;
  conv1 = register_module("conv1", ConvLayer(3, full, architecture.kernel, 1, false));
  in1 = register_module("in1", instance_norm(full));
  conv2 = register_module("conv2", ConvLayer(full, half, 3, 2, false));
  in2 = register_module("in2", instance_norm(half));
  conv3 = register_module("conv3", ConvLayer(half, quarter, 3, 2, false));
  in3 = register_module("in3", instance_norm(quarter));
  for (std::int64_t i = 1; i <= architecture.blocks; ++i)
    blocks.push_back(
        register_module("res" + std::to_string(i), ResidualBlock(architecture.block, quarter, architecture.mid)));
  deconv1 = register_module("deconv1", ConvLayer(quarter, half, 3, 1, false));
  in4 = register_module("in4", instance_norm(half));
  deconv2 = register_module("deconv2", ConvLayer(half, full, 3, 1, false));
  in5 = register_module("in5", instance_norm(full));
  deconv3 = register_module("deconv3", ConvLayer(full, 3, architecture.kernel, 1, true));
}

torch::Tensor StyleNetImpl::forward(const torch::Tensor& x_nchw255) {
  TORCH_CHECK(x_nchw255.dim() == 4 && x_nchw255.size(1) == 3, "expected [N, 3, H, W], found ", x_nchw255.sizes());
  const std::int64_t height = x_nchw255.size(2), width = x_nchw255.size(3);
  TORCH_CHECK(std::min(height, width) >= architecture.min_side(), "expected sides of ", architecture.min_side(),
              " pixels or more, found ", height, "x", width);
  const auto type = compute_type == torch::kBFloat16 ? compute_type : conv1->conv2d->weight.scalar_type();
  const std::int64_t edge = conv1->padding;

  torch::Tensor y = torch::reflection_pad2d(x_nchw255 * kInputScale + kInputShift, {edge, edge, edge, edge});
  y = conv1->forward(y.to(type, false, false, torch::MemoryFormat::ChannelsLast));
  y = conv2->forward(norm_relu(in1, y, {1, PadMode::reflect}));
  const std::int64_t half_height = y.size(2), half_width = y.size(3);
  y = conv3->forward(norm_relu(in2, y, {1, PadMode::reflect}));

  const Doubling to_half(y, half_height, half_width);
  const Padding before_block = {blocks.empty() ? 0 : blocks[0]->convs[0]->padding, PadMode::reflect};
  y = norm_relu(in3, y, blocks.empty() ? to_half.padding() : before_block);
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const Padding next = i + 1 < blocks.size() ? before_block : to_half.padding();
    y = blocks[i]->forward(y, next.size, next.mode);
  }
  y = to_half(y, deconv1);
  const Doubling to_full(y, height, width);
  y = to_full(norm_relu(in4, y, to_full.padding()), deconv2);
  y = norm_relu(in5, y, {edge, PadMode::reflect});
  // The bias goes in after the sum, in the type of the result.
  y = conv_to_few(y, deconv3->conv2d->weight).to(deconv3->conv2d->bias.scalar_type());
  return y * kOutputScale + (deconv3->conv2d->bias * kOutputScale + kOutputShift).view({1, 3, 1, 1});
}

}  // namespace pocketstyle::nn
