// SPDX-License-Identifier: Apache-2.0
// Preparing style pictures: cropping frames, matching colours.
#include "support/catch.h"
#include "support/small_run.h"

#include "pocketstyle/media/colors.h"
#include "pocketstyle/media/frame.h"

using namespace pocketstyle;

namespace {

/// `image` with bars of one grey around it.
media::Image framed(const media::Image& image, const media::Margins& m, std::uint8_t grey) {
  media::Image result(image.width + m.left + m.right, image.height + m.top + m.bottom);
  std::fill(result.rgb_hwc.begin(), result.rgb_hwc.end(), grey);
  for (std::int64_t y = 0; y < image.height; ++y)
    std::copy_n(image.rgb_hwc.begin() + y * image.width * 3, image.width * 3,
                result.rgb_hwc.begin() + ((y + m.top) * result.width + m.left) * 3);
  return result;
}

}  // namespace

TEST_CASE("a dark or light frame is found, on any sides, with a rim of the other kind too") {
  const media::Image picture = testing::synthetic_photo(5, 200, 150);
  CHECK_FALSE(media::find_frame(picture).any());
  const media::Margins all{6, 9, 7, 8}, some{0, 12, 0, 3};
  for (const auto& margins : {all, some})
    for (const std::uint8_t grey : {std::uint8_t{8}, std::uint8_t{250}}) {
      const media::Image image = framed(picture, margins, grey);
      CHECK(media::find_frame(image) == margins);
      CHECK(media::without_margins(image, media::find_frame(image)) == picture);
    }
  const media::Image scan = framed(framed(picture, {2, 2, 2, 2}, 240), all, 5);
  CHECK(media::find_frame(scan) == media::Margins{8, 11, 9, 10});
}

TEST_CASE("an even picture loses a tenth at most") {
  media::Image black(100, 80);
  const media::Margins found = media::find_frame(black);
  CHECK(found == media::Margins{10, 8, 10, 8});
}

TEST_CASE("matched colours have the wanted mean and covariance") {
  const media::Image picture = testing::synthetic_photo(6, 120, 90);
  media::ColorStatistics wanted{.mean = {120, 110, 130},
                                .covariance = {{{400, 120, 60}, {120, 300, 90}, {60, 90, 350}}}};
  const auto found = media::color_statistics(std::vector{media::match_colors(picture, wanted)});
  for (std::size_t c = 0; c < 3; ++c) {
    CHECK(found.mean[c] == Approx(wanted.mean[c]).margin(0.5));
    for (std::size_t d = 0; d < 3; ++d)
      CHECK(found.covariance[c][d] == Approx(wanted.covariance[c][d]).margin(0.03 * 400));
  }
  // With its own colours nothing changes.
  const auto own = media::color_statistics(std::vector{picture});
  const media::Image same = media::match_colors(picture, own);
  for (std::size_t i = 0; i < picture.rgb_hwc.size(); ++i)
    REQUIRE(std::abs(int{same.rgb_hwc[i]} - int{picture.rgb_hwc[i]}) <= 1);
}

TEST_CASE("a grey picture can be given colours") {
  media::Image grey = testing::synthetic_photo(7, 60, 40);
  for (std::size_t i = 0; i < grey.rgb_hwc.size(); i += 3) grey.rgb_hwc[i + 1] = grey.rgb_hwc[i + 2] = grey.rgb_hwc[i];
  const auto wanted = media::color_statistics(std::vector{testing::synthetic_photo(8, 60, 40)});
  const auto found = media::color_statistics(std::vector{media::match_colors(grey, wanted)});
  CHECK(found.mean[0] == Approx(wanted.mean[0]).margin(8));
}
