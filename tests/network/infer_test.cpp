// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/network/infer.h"

#include "support/catch.h"

#include "pocketstyle/network/layers.h"

using namespace pocketstyle;
using config::BlockKind;
using testing::contains;
using testing::error_of;

namespace {

network::TensorSizes sizes_of(const config::Architecture& architecture) {
  network::TensorSizes sizes;
  for (const network::Layer& layer : network::layers(architecture))
    sizes[layer.weight_name()] = {layer.out, layer.in / layer.groups, layer.kernel, layer.kernel};
  return sizes;
}

}  // namespace

TEST_CASE("the architecture is read off the tensors") {
  for (const config::Preset& preset : config::presets())
    CHECK(config::describe(network::infer_architecture(sizes_of(preset.architecture), "f")) == preset.name);
  for (const config::Architecture& architecture :
       {config::Architecture{5, {8, 12, 16}, BlockKind::residual, 100, 0},
        {1, {3, 4, 5}, BlockKind::bottleneck, 1, 5},  // as wide inside as outside
        {5, {8, 12, 16}, BlockKind::separable, 3, 24},
        {7, {0, 4, 5}, BlockKind::separable, 2, 3},
        {3, {0, 4, 5}, BlockKind::residual, 0, 0},
        {3, {3, 4, 5}, BlockKind::residual, 0, 0}}) {
    INFO(config::describe(architecture));
    CHECK(network::infer_architecture(sizes_of(architecture), "f") == architecture);
  }
}

TEST_CASE("tensors that no network has are refused, the tensor named") {
  const config::Architecture architecture{5, {8, 12, 16}, BlockKind::bottleneck, 2, 4};
  const auto error_for = [&](const std::string& name, const std::vector<std::int64_t>& sizes) {
    network::TensorSizes all = sizes_of(architecture);
    if (sizes.empty())
      all.erase(name);
    else
      all[name] = sizes;
    return error_of([&] { network::infer_architecture(all, "f"); });
  };
  CHECK(contains(error_for("conv2.conv2d.weight", {}), "data: f: tensor conv2.conv2d.weight is missing"));
  CHECK(contains(error_for("deconv3.conv2d.weight", {}), "deconv3.conv2d.weight is missing"));
  CHECK(contains(error_for("conv1.conv2d.weight", {8}), "expected 4 dimensions, found 1"));
  CHECK(contains(error_for("conv1.conv2d.weight", {8, 3, 4, 4}),
                 "data: f: its shapes do not match any supported network"));
  // Mismatches inside a block are reported by whoever loads the tensors.
  CHECK(error_for("res1.conv2.conv2d.weight", {1, 1, 1, 1}) == "no error");
}
