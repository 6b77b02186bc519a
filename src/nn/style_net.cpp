// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/nn/style_net.h"

namespace pocketstyle::nn {
namespace {

using torch::nn::Conv2d;
using torch::nn::Conv2dOptions;
using torch::nn::InstanceNorm2d;
using torch::nn::InstanceNorm2dOptions;

InstanceNorm2d instance_norm(std::int64_t channels) {
  return InstanceNorm2d(InstanceNorm2dOptions(channels).affine(true).eps(1e-5));
}

/// Nearest-neighbour doubling, cut to the size that the level had on the way down (it was odd if they differ).
torch::Tensor upsample_to(const torch::Tensor& x, std::int64_t height, std::int64_t width) {
  torch::Tensor y = torch::upsample_nearest2d(x, {2 * x.size(2), 2 * x.size(3)});
  if (y.size(2) != height) y = y.narrow(2, 0, height);
  if (y.size(3) != width) y = y.narrow(3, 0, width);
  return y;
}

}  // namespace

ConvLayerImpl::ConvLayerImpl(std::int64_t in, std::int64_t out, std::int64_t kernel, std::int64_t stride, bool bias)
    : padding(kernel / 2) {
  conv2d = register_module("conv2d", Conv2d(Conv2dOptions(in, out, kernel).stride(stride).bias(bias)));
}

torch::Tensor ConvLayerImpl::forward(const torch::Tensor& x) {
  if (padding == 0) return conv2d->forward(x);
  return conv2d->forward(torch::reflection_pad2d(x, {padding, padding, padding, padding}));
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

torch::Tensor ResidualBlockImpl::forward(const torch::Tensor& x) {
  torch::Tensor y = x;
  for (std::size_t i = 0; i < convs.size(); ++i) {
    y = norms[i]->forward(convs[i]->forward(y));
    if (i + 1 < convs.size()) y = torch::relu(y);
  }
  return x + y;
}

StyleNetImpl::StyleNetImpl(const config::NetFamily& family_numbers) : family(family_numbers) {
  config::check(family);
  const auto [full, half, quarter] = family.widths;
  conv1 = register_module("conv1", ConvLayer(3, full, family.kernel, 1, false));
  in1 = register_module("in1", instance_norm(full));
  conv2 = register_module("conv2", ConvLayer(full, half, 3, 2, false));
  in2 = register_module("in2", instance_norm(half));
  conv3 = register_module("conv3", ConvLayer(half, quarter, 3, 2, false));
  in3 = register_module("in3", instance_norm(quarter));
  for (std::int64_t i = 1; i <= family.blocks; ++i)
    blocks.push_back(register_module("res" + std::to_string(i), ResidualBlock(family.block, quarter, family.mid)));
  deconv1 = register_module("deconv1", ConvLayer(quarter, half, 3, 1, false));
  in4 = register_module("in4", instance_norm(half));
  deconv2 = register_module("deconv2", ConvLayer(half, full, 3, 1, false));
  in5 = register_module("in5", instance_norm(full));
  deconv3 = register_module("deconv3", ConvLayer(full, 3, family.kernel, 1, true));
}

torch::Tensor StyleNetImpl::forward(const torch::Tensor& x_nchw255) {
  TORCH_CHECK(x_nchw255.dim() == 4 && x_nchw255.size(1) == 3, "expected [N, 3, H, W], found ", x_nchw255.sizes());
  const std::int64_t height = x_nchw255.size(2), width = x_nchw255.size(3);
  TORCH_CHECK(std::min(height, width) >= family.min_side(), "expected sides of ", family.min_side(),
              " pixels or more, found ", height, "x", width);
  torch::Tensor y = x_nchw255 * kInputScale + kInputShift;
  y = torch::relu(in1->forward(conv1->forward(y)));
  y = torch::relu(in2->forward(conv2->forward(y)));
  const std::int64_t half_height = y.size(2), half_width = y.size(3);
  y = torch::relu(in3->forward(conv3->forward(y)));
  for (auto& block : blocks) y = block->forward(y);
  y = torch::relu(in4->forward(deconv1->forward(upsample_to(y, half_height, half_width))));
  y = torch::relu(in5->forward(deconv2->forward(upsample_to(y, height, width))));
  return deconv3->forward(y) * kOutputScale + kOutputShift;
}

}  // namespace pocketstyle::nn
