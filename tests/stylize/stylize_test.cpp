// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/stylize/stylize.h"

#include "stylize/pictures.h"
#include "support/catch.h"
#include "support/temp_dir.h"

#include "pocketstyle/core/files.h"
#include "pocketstyle/export/export.h"
#include "pocketstyle/media/tensor.h"
#include "pocketstyle/nn/weights.h"

using namespace pocketstyle;
using testing::contains;
using testing::error_of;
using testing::photo;

TEST_CASE("the result has the photo's size, or the size asked for") {
  testing::Negative model;
  for (const auto& [width, height] : {std::pair{33, 20}, {8, 8}, {3, 5}, {1, 1}, {40, 2}}) {
    const media::Image styled = stylize::stylize(model, photo(width, height), {});
    CHECK(styled.width == width);
    CHECK(styled.height == height);
  }
  stylize::StylizeOptions options;
  options.size = 66;
  const media::Image styled = stylize::stylize(model, photo(33, 20), options);
  CHECK(styled.width == 66);
  CHECK(styled.height == 40);
}

TEST_CASE("style scale changes the size that the network sees, not the result's") {
  class Recorder : public stylize::StyleModel {
   public:
    torch::Tensor run(const torch::Tensor& photo_nchw255) override {
      height = photo_nchw255.size(2);
      width = photo_nchw255.size(3);
      return photo_nchw255;
    }
    [[nodiscard]] std::int64_t min_side() const override { return 8; }
    std::int64_t height = 0, width = 0;
  } model;
  stylize::StylizeOptions options;
  const auto check = [&](double scale, std::int64_t width, std::int64_t height) {
    options.style_scale = scale;
    const media::Image styled = stylize::stylize(model, photo(60, 40), options);
    INFO(scale);
    CHECK(model.width == width);
    CHECK(model.height == height);
    CHECK(styled.width == 60);
    CHECK(styled.height == 40);
  };
  check(1, 60, 40);
  check(2, 30, 20);
  check(0.5, 120, 80);
  check(10, 12, 8);  // no smaller than the network takes
}

TEST_CASE("strength goes from the photo to the style") {
  testing::Negative model;
  const media::Image content = photo(16, 16);
  stylize::StylizeOptions options;
  options.strength = 0;
  CHECK(stylize::stylize(model, content, options) == content);
  options.strength = 1;
  const media::Image full = stylize::stylize(model, content, options);
  CHECK(full.rgb_hwc[5] == 255 - content.rgb_hwc[5]);
  options.strength = 0.5;
  CHECK(std::abs(stylize::stylize(model, content, options).rgb_hwc[5] - 128) <= 1);
}

TEST_CASE("a network that fails is one clear error") {
  class Failing : public stylize::StyleModel {
   public:
    torch::Tensor run(const torch::Tensor& photo_nchw255) override { return photo_nchw255.view({7, 7}); }
    [[nodiscard]] std::int64_t min_side() const override { return 1; }
  } model;
  const std::string error = error_of([&] { stylize::stylize(model, photo(9, 5), {}); });
  CHECK(contains(error, "runtime: a picture of 9x5 cannot be stylised: "));
  CHECK_FALSE(contains(error, "\n"));
}

TEST_CASE("weights and exported files give the same picture") {
  const testing::TempDir folder;
  torch::manual_seed(4);
  nn::StyleNet net(config::Architecture{3, {4, 6, 8}, config::BlockKind::residual, 1, 0});
  nn::save_net(folder / "net.safetensors", net, {});
  exporting::export_net(nn::load_net(folder / "net.safetensors"), folder / "out", "net");
  const media::Image content = photo(37, 22);
  const media::Image eager = stylize::stylize(*stylize::load_style_model(folder / "net.safetensors"), content, {});
  for (const char* name : {"out/net.pt", "out/net.ptl"}) {
    const media::Image exported = stylize::stylize(*stylize::load_style_model(folder / name), content, {});
    REQUIRE(exported.rgb_hwc.size() == eager.rgb_hwc.size());
    int largest = 0;
    for (std::size_t i = 0; i < eager.rgb_hwc.size(); ++i)
      largest = std::max(largest, std::abs(exported.rgb_hwc[i] - eager.rgb_hwc[i]));
    INFO(name);
    CHECK(largest <= 1);  // a value on the edge of rounding may fall either way
  }
}

TEST_CASE("what is not a style network is refused") {
  const testing::TempDir folder;
  write_file_atomically(folder / "a.ptl", "nonsense");
  CHECK(contains(error_of([&] { stylize::load_style_model(folder / "a.ptl"); }), "data: "));
  CHECK(contains(error_of([&] { stylize::load_style_model(folder / "none.pt"); }), "data: "));
  CHECK(contains(error_of([] { stylize::load_style_model(find_asset("vgg16/vgg16_conv4_3.safetensors")); }),
                 "expected a style network"));
}
