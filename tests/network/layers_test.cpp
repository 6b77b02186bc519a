// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/network/layers.h"

#include "support/catch.h"

#include <algorithm>

using namespace pocketstyle;
using config::BlockKind;
using testing::contains;
using testing::error_of;

namespace {

const config::Architecture kTwoBlocks{9, {4, 6, 8}, BlockKind::bottleneck, 2, 3};

std::size_t index_of(const std::vector<network::Layer>& layers, const std::string& name) {
  const auto found = std::find_if(layers.begin(), layers.end(), [&](const auto& layer) { return layer.name == name; });
  return static_cast<std::size_t>(found - layers.begin());
}

}  // namespace

TEST_CASE("the layers are those of the PyTorch example, in its order") {
  std::string convs, norms;
  for (const network::Layer& layer : network::layers(kTwoBlocks)) {
    convs += layer.name + " ";
    norms += layer.norm + " ";
  }
  CHECK(convs ==
        "conv1 conv2 conv3 res1.conv1 res1.conv2 res1.conv3 res2.conv1 res2.conv2 res2.conv3 deconv1 deconv2 deconv3 ");
  CHECK(norms == "in1 in2 in3 res1.in1 res1.in2 res1.in3 res2.in1 res2.in2 res2.in3 in4 in5  ");
}

TEST_CASE("each layer reads what the one before makes, at its size") {
  const auto block = GENERATE(BlockKind::residual, BlockKind::bottleneck, BlockKind::separable);
  config::Architecture architecture = kTwoBlocks;
  architecture.block = block;
  const auto layers = network::layers(architecture);
  CHECK(layers.front().in == 3);
  CHECK(layers.back().out == 3);
  CHECK(layers.back().is_output());
  CHECK(layers.back().bias);
  CHECK_FALSE(layers.back().relu);
  for (std::size_t i = 1; i < layers.size(); ++i) {
    INFO(layers[i].name);
    CHECK(layers[i].in == layers[i - 1].out);
    CHECK(layers[i].input_level() == layers[i - 1].level - (layers[i].doubles ? 1 : 0));
    CHECK(layers[i].bias == layers[i].is_output());
    CHECK(layers[i].relu == (!layers[i].ends_block && !layers[i].is_output()));
  }
  CHECK(network::trunk(layers) == index_of(layers, "conv3"));
  for (const network::Layer& layer : layers) CHECK((layer.block > 0) == layer.name.starts_with("res"));
}

TEST_CASE("without layers at full size, the ends take their place") {
  config::Architecture architecture = kTwoBlocks;
  architecture.widths[0] = 0;
  const auto layers = network::layers(architecture);
  std::string outside;
  for (const network::Layer& layer : layers)
    if (layer.block == 0)
      outside += fmt::format("{} {}>{} {}x{} stride {}{} at {}; ", layer.name, layer.in, layer.out, layer.kernel,
                             layer.kernel, layer.stride, layer.doubles ? " of doubled" : "", layer.level);
  CHECK(outside ==
        "conv1 3>6 9x9 stride 2 at 1; conv3 6>8 3x3 stride 2 at 2; deconv1 8>6 3x3 stride 1 of doubled at 1; "
        "deconv3 6>3 3x3 stride 1 of doubled at 0; ");
  CHECK(layers.back().is_output());
  CHECK(layers.back().bias);
  CHECK(network::trunk(layers) == 1);
}

TEST_CASE("the kinds of block are what the papers say") {
  config::Architecture architecture = kTwoBlocks;
  const auto second = [&] {
    std::string text;
    for (const network::Layer& layer : network::layers(architecture))
      if (layer.block == 2)
        text += fmt::format("{}{}>{} {}x{}{}{} ", layer.begins_block ? "( " : "", layer.in, layer.out, layer.kernel,
                            layer.kernel, layer.groups > 1 ? " depthwise" : "", layer.ends_block ? " )" : "");
    return text;
  };
  CHECK(second() == "( 8>3 1x1 3>3 3x3 3>8 1x1 ) ");
  architecture.block = BlockKind::residual;
  CHECK(second() == "( 8>8 3x3 8>8 3x3 ) ");
  architecture.block = BlockKind::separable;
  CHECK(second() == "( 8>3 1x1 3>3 3x3 depthwise 3>8 1x1 ) ");
}

TEST_CASE("the smallest side is what padding and norms need") {
  struct Case {
    config::Architecture architecture;
    std::int64_t side;
  };
  const Case c = GENERATE(values<Case>({{{1, {3, 4, 5}, BlockKind::residual, 0, 0}, 5},  // 2 x 2 at quarter size
                                        {{9, {3, 4, 5}, BlockKind::bottleneck, 5, 2}, 5},
                                        {{11, {3, 4, 5}, BlockKind::residual, 1, 0}, 6},  // mirrors 5
                                        {{31, {3, 4, 5}, BlockKind::bottleneck, 1, 2}, 16}}));
  INFO(config::describe(c.architecture));
  CHECK(network::min_side(c.architecture) == c.side);
}

TEST_CASE("halves are rounded up") {
  CHECK(network::side_at(33, 0) == 33);
  CHECK(network::side_at(33, 1) == 17);
  CHECK(network::side_at(33, 2) == 9);
  CHECK(network::side_at(32, 2) == 8);
}

TEST_CASE("a block's last channels are tied to the trunk's, all others stand alone") {
  const auto layers = network::layers(kTwoBlocks);
  const auto tied = network::tied_channels(layers);
  REQUIRE(tied.size() == layers.size());
  for (std::size_t i = 0; i < tied.size(); ++i)
    CHECK(tied[i] == (layers[i].ends_block ? index_of(layers, "conv3") : i));
}

TEST_CASE("numbers out of range make no layers") {
  config::Architecture even = kTwoBlocks;
  even.kernel = 4;
  CHECK(contains(error_of([&] { network::layers(even); }), "usage: net.kernel: expected an odd number"));
}
