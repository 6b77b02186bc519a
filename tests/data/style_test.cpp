// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/data/style.h"

#include "support/catch.h"
#include "support/small_run.h"

#include "pocketstyle/media/colors.h"
#include "pocketstyle/media/tensor.h"

using namespace pocketstyle;
using testing::contains;
using testing::error_of;

TEST_CASE("style pictures are sized, and share the blend as asked") {
  testing::SmallRun run;
  run.config.style.size = 40;
  CHECK(data::load_style(run.config).shares == std::vector<double>{1});
  run.config.style.more = {run.folder / "train/0.png"};
  const data::Style equal = data::load_style(run.config);
  REQUIRE(equal.pictures_nchw255.size() == 2);
  CHECK(equal.pictures_nchw255[0].sizes() == torch::IntArrayRef({1, 3, 40, 40}));
  CHECK(equal.pictures_nchw255[1].sizes() == torch::IntArrayRef({1, 3, 30, 40}));
  CHECK(equal.shares == std::vector<double>{0.5, 0.5});
  run.config.style.weights = {3, 1};
  CHECK(data::load_style(run.config).shares == std::vector<double>{0.75, 0.25});
}

TEST_CASE("a style picture without room for texture is refused, with its size") {
  testing::SmallRun run;
  media::save_image(run.config.style.image, testing::synthetic_photo(9, 12, 8));
  CHECK(contains(error_of([&] { data::load_style(run.config); }), "is 12x8 pixels, expected a style picture of 32x32"));
  media::save_image(run.config.style.image, testing::synthetic_photo(9, 40, 32));
  CHECK(data::load_style(run.config).pictures_nchw255.size() == 1);
}

TEST_CASE("a frame is cut off unless it shall stay") {
  testing::SmallRun run;
  media::Image style = testing::synthetic_photo(9, 60, 60);
  for (std::int64_t y = 0; y < 60; ++y)
    for (std::int64_t x = 0; x < 60; ++x)
      if (std::min({x, y, 59 - x, 59 - y}) < 5)
        for (std::size_t c = 0; c < 3; ++c) style.rgb_hwc[static_cast<std::size_t>((y * 60 + x) * 3) + c] = 0;
  media::save_image(run.config.style.image, style);
  run.config.style.size = 50;
  const auto darkest_row = [&] { return data::load_style(run.config).pictures_nchw255[0][0].amax({0, 2}).min(); };
  CHECK(darkest_row().item<float>() > 20);
  run.config.style.trim = false;
  CHECK(darkest_row().item<float>() < 20);
}

TEST_CASE("the style's contrast and saturation grow about its mean luma, or stay") {
  testing::SmallRun run;
  const auto load = [&](double contrast) {
    run.config.style.contrast = contrast;
    return data::load_style(run.config).pictures_nchw255[0];
  };
  const torch::Tensor as_it_is = load(1), halved = load(0.5);
  CHECK(media::from_tensor_nchw255(as_it_is).rgb_hwc ==
        media::resize_long_side(media::load_image(run.config.style.image), 48).rgb_hwc);
  const auto luma = [](const torch::Tensor& picture) {
    return (0.299 * picture[0][0] + 0.587 * picture[0][1] + 0.114 * picture[0][2]).mean().item<double>();
  };
  CHECK(luma(halved) == Approx(luma(as_it_is)).margin(1e-3));
  const auto distance = [&](const torch::Tensor& picture) { return picture - luma(picture); };
  CHECK(torch::allclose(2 * distance(halved), distance(as_it_is), 0, 1e-2));
  CHECK(load(3).min().item<double>() == 0);
  CHECK(load(3).max().item<double>() == 255);
}

TEST_CASE("the style's colours can be the photos'") {
  testing::SmallRun run;
  run.config.style.colors = "photos";
  const auto style = media::from_tensor_nchw255(data::load_style(run.config).pictures_nchw255[0]);
  const auto found = media::color_statistics(std::vector{style});
  std::vector<media::Image> photos;
  for (std::uint64_t i = 0; i < 5; ++i) photos.push_back(testing::synthetic_photo(i, 64, 48));
  const auto wanted = media::color_statistics(photos);
  for (std::size_t c = 0; c < 3; ++c) CHECK(found.mean[c] == Approx(wanted.mean[c]).margin(6));
  run.config.data.train = run.folder / "nowhere";
  CHECK(contains(error_of([&] { data::load_style(run.config); }), "nowhere"));
}
