// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/nn/vgg16.h"

#include "support/catch.h"
#include "support/golden.h"
#include "support/temp_dir.h"

#include "pocketstyle/core/files.h"

#include <nlohmann/json.hpp>

#include <fstream>

using namespace pocketstyle;
using testing::contains;
using testing::error_of;
using testing::relative_error;

TEST_CASE("VGG-16 features equal the independent reference", "[golden]") {
  const auto golden = testing::vgg_golden();
  const nn::Vgg16 vgg;
  const auto features = vgg.features(testing::golden_x(), nn::VggTap::relu4_3);
  REQUIRE(features.size() == nn::kVggTapNames.size());
  for (std::size_t i = 0; i < features.size(); ++i) {
    const auto& expected = golden["taps_of_x"][std::string(nn::kVggTapNames[i])];
    INFO(nn::kVggTapNames[i]);
    CHECK(features[i].sizes().vec() == expected["shape"].get<std::vector<std::int64_t>>());
    const torch::Tensor f = features[i].to(torch::kFloat64);
    CHECK(relative_error(f.mean().item<double>(), expected["mean"]) < 1e-4);
    CHECK(relative_error(f.std(/*unbiased=*/false).item<double>(), expected["std"]) < 1e-3);
    CHECK(relative_error(f.max().item<double>(), expected["max"]) < 1e-4);
  }
  CHECK(vgg.features(testing::golden_x(), nn::VggTap::relu2_2).size() == 2);
}

TEST_CASE("a foreign or truncated VGG file is one clear error") {
  const testing::TempDir folder;
  write_file_atomically(folder / "half.safetensors",
                        read_file(find_asset("vgg16/vgg16_conv4_3.safetensors")).substr(0, 1000000));
  CHECK(contains(error_of([&] { nn::Vgg16(folder / "half.safetensors"); }), "truncated"));
  write_file_atomically(folder / "text.safetensors", "hello, this is not a weights file");
  CHECK(contains(error_of([&] { nn::Vgg16(folder / "text.safetensors"); }), "data: "));
  CHECK(contains(error_of([&] { nn::Vgg16(folder / "none.safetensors"); }), "cannot be read"));
}
