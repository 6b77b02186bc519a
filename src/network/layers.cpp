// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/network/layers.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

namespace pocketstyle::network {
namespace {

constexpr std::int64_t kPicture = 3;  // channels

/// The layers of one residual block: output channels, kernels and groups; the rest follows from these. Residual: He et
/// al. 2015; bottleneck: Pei et al. 2020; separable: the inverted residual of MobileNetV2 (Sandler et al. 2018), with
/// instance norm and ReLU.
std::vector<Layer> block_layers(const config::Architecture& architecture) {
  const std::int64_t trunk = architecture.widths.back(), mid = architecture.mid;
  switch (architecture.block) {
    case config::BlockKind::residual:
      return {{.out = trunk, .kernel = 3}, {.out = trunk, .kernel = 3}};
    case config::BlockKind::bottleneck:
      return {{.out = mid, .kernel = 1}, {.out = mid, .kernel = 3}, {.out = trunk, .kernel = 1}};
    case config::BlockKind::separable:
      return {{.out = mid, .kernel = 1}, {.out = mid, .kernel = 3, .groups = mid}, {.out = trunk, .kernel = 1}};
  }
  return {};
}

/// Chains layers: the input of each is the output of the one before.
class Chain {
 public:
  void add(Layer layer) {
    layer.in = all.empty() ? kPicture : all.back().out;
    layer.level = (all.empty() ? 0 : all.back().level) + (layer.stride == 2 ? 1 : 0) - (layer.doubles ? 1 : 0);
    all.push_back(std::move(layer));
  }
  void add_block(std::int64_t number, std::vector<Layer> block) {
    for (std::size_t i = 0; i < block.size(); ++i) {
      Layer& layer = block[i];
      layer.name = fmt::format("{}.conv{}", block_name(number), i + 1);
      layer.norm = fmt::format("{}.in{}", block_name(number), i + 1);
      layer.block = number;
      layer.begins_block = i == 0;
      layer.ends_block = i + 1 == block.size();
      layer.relu = !layer.ends_block;
      add(std::move(layer));
    }
  }
  std::vector<Layer> all;
};

}  // namespace

std::string block_name(std::int64_t number) {
  return fmt::format("res{}", number);
}

std::vector<Layer> layers(const config::Architecture& architecture) {
  config::check(architecture);
  const auto [full, half, quarter] = architecture.widths;
  Chain chain;
  if (architecture.full_size()) {
    chain.add({.name = "conv1", .norm = "in1", .out = full, .kernel = architecture.kernel});
    chain.add({.name = "conv2", .norm = "in2", .out = half, .kernel = 3, .stride = 2});
  } else {
    chain.add({.name = "conv1", .norm = "in1", .out = half, .kernel = architecture.kernel, .stride = 2});
  }
  chain.add({.name = "conv3", .norm = "in3", .out = quarter, .kernel = 3, .stride = 2});
  for (std::int64_t block = 1; block <= architecture.blocks; ++block)
    chain.add_block(block, block_layers(architecture));
  chain.add({.name = "deconv1", .norm = "in4", .out = half, .kernel = 3, .doubles = true});
  if (architecture.full_size()) {
    chain.add({.name = "deconv2", .norm = "in5", .out = full, .kernel = 3, .doubles = true});
    chain.add({.name = "deconv3", .out = kPicture, .kernel = architecture.kernel, .bias = true, .relu = false});
  } else {
    chain.add({.name = "deconv3", .out = kPicture, .kernel = 3, .bias = true, .doubles = true, .relu = false});
  }
  return chain.all;
}

std::int64_t side_at(std::int64_t side, std::int64_t level) {
  const std::int64_t part = std::int64_t{1} << level;
  return (side + part - 1) / part;
}

std::int64_t min_side(const std::vector<Layer>& layers) {
  // The smallest picture whose level has n pixels is (n - 1) * 2^level + 1 pixels large.
  std::int64_t side = 1;
  for (const Layer& layer : layers) {
    side = std::max(side, (layer.padding() << layer.input_level()) + 1);
    if (!layer.is_output()) side = std::max(side, (std::int64_t{1} << layer.level) + 1);
  }
  return side;
}

std::int64_t min_side(const config::Architecture& architecture) {
  return min_side(layers(architecture));
}

std::size_t trunk(const std::vector<Layer>& layers) {
  const auto shallower = [](const Layer& a, const Layer& b) { return a.level < b.level; };
  return static_cast<std::size_t>(std::max_element(layers.begin(), layers.end(), shallower) - layers.begin());
}

std::vector<std::size_t> tied_channels(const std::vector<Layer>& layers) {
  std::vector<std::size_t> tied;
  std::size_t block_input = 0;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (layers[i].begins_block) block_input = tied.back();
    tied.push_back(layers[i].ends_block ? block_input : layers[i].groups > 1 ? tied.back() : i);
  }
  return tied;
}

}  // namespace pocketstyle::network
