// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/nn/style_net.h"

#include "pocketstyle/nn/norm_pad.h"
#include "pocketstyle/nn/rewritten_conv.h"

#include <algorithm>
#include <memory>
#include <string>

namespace pocketstyle::nn {
namespace {

using torch::nn::Conv2d;
using torch::nn::Conv2dOptions;
using torch::nn::InstanceNorm2d;
using torch::nn::InstanceNorm2dOptions;

constexpr std::int64_t kNone = 0;

/// Registers `module` under a layer's name: "conv1" in the network itself, "res1.conv1" in its module "res1".
template <class Module>
Module add_module(torch::nn::Module& net, const std::string& name, const Module& module) {
  const auto dot = name.find('.');
  if (dot == std::string::npos) return net.register_module(name, module);
  const std::string block = name.substr(0, dot);
  if (!net.named_children().contains(block)) net.register_module(block, std::make_shared<torch::nn::Module>());
  return net.named_children()[block]->register_module(name.substr(dot + 1), module);
}

/// The border that a layer needs around its input.
struct Padding {
  std::int64_t size;
  PadMode mode;
};

/// One picture size on its way through the layers.
struct Size {
  std::int64_t height, width;

  /// Whether the level below has exactly half the height and width of `level`; otherwise a row or column of the doubled
  /// picture is cropped.
  [[nodiscard]] bool doubles_exactly(std::int64_t level) const {
    const auto exact = [&](std::int64_t side) {
      return 2 * network::side_at(side, level + 1) == network::side_at(side, level);
    };
    return exact(height) && exact(width);
  }

  [[nodiscard]] Padding before(const network::Layer& layer) const {
    if (!layer.doubles) return {layer.padding(), PadMode::reflect};
    return doubles_exactly(layer.level) ? Padding{layer.padding(), PadMode::replicate} : Padding{0, PadMode::reflect};
  }

  /// The layer's convolution, including any doubling before it, of x that is already padded as requested above. Without
  /// the output layer's bias.
  [[nodiscard]] torch::Tensor convolved(const torch::Tensor& x, const network::Layer& layer,
                                        const ConvLayer& conv) const {
    const torch::Tensor& weight = conv->conv2d->weight;
    if (layer.doubles && doubles_exactly(layer.level)) return conv_of_doubled(x, weight);
    const torch::Tensor padded = layer.doubles ? doubled(x, layer, weight.scalar_type()) : x;
    return layer.is_output() ? conv_to_few(padded, weight) : conv->forward(padded);
  }

 private:
  /// x doubled, cropped to the size of the layer's level, and padded. `type`: in which reflection padding is available.
  [[nodiscard]] torch::Tensor doubled(const torch::Tensor& x, const network::Layer& layer,
                                      torch::ScalarType type) const {
    const std::int64_t padding = layer.padding();
    const torch::Tensor twice = torch::upsample_nearest2d(x, {2 * x.size(2), 2 * x.size(3)});
    const torch::Tensor cut =
        twice.narrow(2, 0, network::side_at(height, layer.level)).narrow(3, 0, network::side_at(width, layer.level));
    return torch::reflection_pad2d(cut.to(type), {padding, padding, padding, padding}).to(x.scalar_type());
  }
};

}  // namespace

ConvLayerImpl::ConvLayerImpl(const network::Layer& layer) : padding(layer.padding()) {
  conv2d = register_module(
      "conv2d",
      Conv2d(
          Conv2dOptions(layer.in, layer.out, layer.kernel).stride(layer.stride).groups(layer.groups).bias(layer.bias)));
}

torch::Tensor ConvLayerImpl::forward(const torch::Tensor& padded_x) const {
  const auto type = padded_x.scalar_type();
  const torch::Tensor weight = conv2d->weight.to(type, false, false, torch::MemoryFormat::ChannelsLast);
  const torch::Tensor bias = conv2d->bias.defined() ? conv2d->bias.to(type) : torch::Tensor();
  const auto& options = conv2d->options;
  const bool plain_3x3 =
      weight.size(2) == 3 && options.stride()->front() == 1 && options.groups() == 1 && !bias.defined();
  if (winograd && plain_3x3) {
    if (is_training() || torch::GradMode::is_enabled()) return conv_3x3(padded_x, weight);
    if (const WinogradConv conv = frozen(); conv.takes(padded_x, WinogradBorder::none))
      return conv.forward(padded_x, {}, /*relu=*/false, WinogradBorder::none);
  }
  return torch::conv2d(padded_x, weight, bias, *options.stride(), kNone, /*dilation=*/1, options.groups());
}

WinogradConv ConvLayerImpl::frozen() const {
  const std::lock_guard lock(frozen_mutex_);
  const torch::Tensor& weight = conv2d->weight;
  const std::pair<const void*, std::uint32_t> weights{weight.data_ptr(), weight._version()};
  if (!frozen_ || frozen_weights_ != weights) {
    frozen_.emplace(weight);
    frozen_weights_ = weights;
  }
  return *frozen_;
}

StyleNetImpl::StyleNetImpl(const config::Architecture& architecture_numbers)
    : architecture(architecture_numbers), layers(network::layers(architecture_numbers)) {
  for (const network::Layer& layer : layers) {
    convs.push_back(add_module(*this, layer.name, ConvLayer(layer)));
    if (layer.is_output()) continue;
    norms.push_back(
        add_module(*this, layer.norm, InstanceNorm2d(InstanceNorm2dOptions(layer.out).affine(true).eps(1e-5))));
    if (layer.ends_block) torch::nn::init::zeros_(norms.back()->weight);
  }
}

torch::Tensor StyleNetImpl::output_features(const torch::Tensor& x_nchw255) {
  TORCH_CHECK(x_nchw255.dim() == 4 && x_nchw255.size(1) == 3, "expected [N, 3, H, W], found ", x_nchw255.sizes());
  const Size size{x_nchw255.size(2), x_nchw255.size(3)};
  const std::int64_t least = network::min_side(layers);
  TORCH_CHECK(std::min(size.height, size.width) >= least, "expected sides of ", least, " pixels or more, found ",
              size.height, "x", size.width);
  const auto type = compute_type == torch::kBFloat16 ? compute_type : convs[0]->conv2d->weight.scalar_type();
  const std::int64_t edge = layers[0].padding();

  torch::Tensor y = torch::reflection_pad2d(x_nchw255 * kInputScale + kInputShift, {edge, edge, edge, edge});
  y = y.to(type, false, false, torch::MemoryFormat::ChannelsLast);
  torch::Tensor block_input;  // with the padding of the block's first layer
  std::int64_t margin = 0;
  for (std::size_t i = 0; i < norms.size(); ++i) {
    const network::Layer& layer = layers[i];
    if (layer.begins_block) block_input = y, margin = layer.padding();
    y = size.convolved(y, layer, convs[i]);
    const Padding next = size.before(layers[i + 1]);
    y = norm_pad(y, norms[i]->weight, norms[i]->bias, layer.ends_block ? block_input : torch::Tensor(),
                 {.relu = layer.relu,
                  .padding = next.size,
                  .mode = next.mode,
                  .eps = norms[i]->options.eps(),
                  .margin = layer.ends_block ? margin : 0});
    if (layer.ends_block) block_input.reset();
  }
  return y;
}

torch::Tensor StyleNetImpl::forward(const torch::Tensor& x_nchw255) {
  torch::Tensor y = output_features(x_nchw255);
  // The bias is added after the sum, in the type of the result.
  const Conv2d& output = convs.back()->conv2d;
  y = Size{x_nchw255.size(2), x_nchw255.size(3)}
          .convolved(y, layers.back(), convs.back())
          .to(output->bias.scalar_type());
  return y * kOutputScale + (output->bias * kOutputScale + kOutputShift).view({1, 3, 1, 1});
}

}  // namespace pocketstyle::nn
