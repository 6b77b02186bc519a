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
  const nn::Vgg16 vgg = nn::Vgg16().with(nn::VggBorder::zeros);
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

TEST_CASE("a mirrored border makes nothing out of a plain picture, zeros do") {
  const torch::NoGradGuard no_grad;
  const torch::Tensor plain = torch::full({1, 3, 40, 56}, 200.0);
  const auto spread = [&](const nn::Vgg16& vgg) {
    double largest = 0;
    for (const torch::Tensor& feature : vgg.features(plain, nn::VggTap::relu4_3)) {
      const torch::Tensor middle = feature.select(3, feature.size(3) / 2).select(2, feature.size(2) / 2);
      largest = std::max(largest, (feature - middle.view({1, -1, 1, 1})).abs().max().item<double>());
    }
    return largest;
  };
  CHECK(spread(nn::Vgg16()) < 1e-2);
  CHECK(spread(nn::Vgg16().with(nn::VggBorder::zeros)) > 10);
}

TEST_CASE("the border's gradient is that of autograd, for sides down to one pixel at the top") {
  const auto border = GENERATE(nn::VggBorder::zeros, nn::VggBorder::reflect);
  const std::int64_t side = GENERATE(8, 19, 32);
  const nn::Vgg16 vgg = nn::Vgg16().with(border);
  torch::manual_seed(1);
  torch::Tensor picture = torch::rand({2, 3, side, 24}) * 255;
  nn::VggPass pass(vgg, picture);
  const torch::Tensor found = pass.backward([&](nn::VggTap tap, torch::Tensor& gradient) {
    gradient.add_(pass.feature(tap), 2);  // of the features' squares
  });
  picture.requires_grad_(true);
  torch::Tensor sum = torch::zeros({});
  for (const torch::Tensor& feature : vgg.features(picture, nn::VggTap::relu4_3)) sum = sum + feature.square().sum();
  sum.backward();
  CHECK(((found - picture.grad()).norm() / picture.grad().norm()).item<double>() < 1e-4);
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
