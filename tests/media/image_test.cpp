// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/media/image.h"

#include "media/encoded.h"
#include "support/catch.h"
#include "support/temp_dir.h"

#include "pocketstyle/core/files.h"
#include "pocketstyle/media/tensor.h"

#include <torch/torch.h>

using namespace pocketstyle;
using testing::big_endian;
using testing::contains;
using testing::encode;
using testing::error_of;
using testing::pixel;
using testing::png_chunk;
using testing::png_with;

namespace {

media::Image gradient(std::int64_t width, std::int64_t height) {
  media::Image image(width, height);
  for (std::int64_t y = 0; y < height; ++y)
    for (std::int64_t x = 0; x < width; ++x)
      for (std::int64_t c = 0; c < 3; ++c)
        image.rgb_hwc[static_cast<std::size_t>((y * width + x) * 3 + c)] =
            static_cast<std::uint8_t>((x * 3 + y * 2 + c * 60) % 256);
  return image;
}

/// EXIF with the orientation of a picture; `more` is inserted where cameras put a thumbnail.
std::string exif(char orientation, const std::string& more = {}) {
  return std::string("MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0", 19) + orientation +
         std::string("\0\0\0\0\0\0", 6) + more;
}

std::string jpeg_with(const std::string& exif, const std::string& jpeg) {
  const std::string body = std::string("Exif\0\0", 6) + exif;
  return jpeg.substr(0, 2) + "\xFF\xE1" + big_endian(body.size() + 2, 2) + body + jpeg.substr(2);
}

}  // namespace

TEST_CASE("a PNG comes back equal, JPEG and WebP close") {
  const testing::TempDir folder;
  const media::Image image = gradient(40, 30);
  media::save_image(folder / "a.png", image);
  CHECK(media::load_image(folder / "a.png") == image);
  for (const char* name : {"a.jpg", "a.webp"}) {
    media::save_image(folder / name, image, 95);
    const media::Image back = media::load_image(folder / name);
    CHECK(back.width == 40);
    CHECK(back.height == 30);
  }
  CHECK(contains(error_of([&] { media::save_image(folder / "a.gif", image); }), "expected .png, .jpg or .webp"));
}

TEST_CASE("grey, alpha and 16-bit pictures become RGB of 8 bits") {
  const testing::TempDir folder;
  write_file_atomically(folder / "grey.png", encode(".png", cv::Mat(4, 4, CV_8UC1, cv::Scalar(100))));
  CHECK(pixel(media::load_image(folder / "grey.png"), 1, 1) == std::array<int, 3>{100, 100, 100});
  write_file_atomically(folder / "deep.png",
                        encode(".png", cv::Mat(4, 4, CV_16UC3, cv::Scalar(257 * 10, 257 * 20, 257 * 30))));
  CHECK(pixel(media::load_image(folder / "deep.png"), 1, 1) == std::array<int, 3>{30, 20, 10});
  cv::Mat alpha(4, 4, CV_8UC4, cv::Scalar(0, 0, 200, 255));
  alpha.at<cv::Vec4b>(0, 0) = {0, 0, 200, 0};
  write_file_atomically(folder / "alpha.png", encode(".png", alpha));
  const media::Image image = media::load_image(folder / "alpha.png");
  CHECK(pixel(image, 0, 0) == std::array<int, 3>{255, 255, 255});
  CHECK(pixel(image, 1, 1) == std::array<int, 3>{200, 0, 0});
}

TEST_CASE("a photo is turned as its EXIF says, with alpha and without") {
  const testing::TempDir folder;
  // Only the top left quarter is red; where it ends up identifies which of the eight orientations was applied.
  cv::Mat picture(16, 32, CV_8UC3, cv::Scalar(255, 255, 255));
  picture(cv::Rect(0, 0, 16, 8)).setTo(cv::Scalar(0, 0, 255));
  cv::Mat clear(16, 32, CV_8UC4, cv::Scalar(0, 0, 0, 0));
  clear(cv::Rect(0, 0, 16, 8)).setTo(cv::Scalar(0, 0, 255, 255));
  struct Turn {
    int orientation;
    bool right, bottom;
  };
  for (const auto& [orientation, right, bottom] : {Turn{1, false, false},
                                                   {2, true, false},
                                                   {3, true, true},
                                                   {4, false, true},
                                                   {5, false, false},
                                                   {6, true, false},
                                                   {7, true, true},
                                                   {8, false, true}}) {
    const std::string block = exif(static_cast<char>(orientation));
    write_file_atomically(folder / "a.jpg", jpeg_with(block, encode(".jpg", picture)));
    write_file_atomically(folder / "a.png", png_with(encode(".png", picture), png_chunk("eXIf", block)));
    write_file_atomically(folder / "clear.png", png_with(encode(".png", clear), png_chunk("eXIf", block)));
    for (const char* name : {"a.jpg", "a.png", "clear.png"}) {
      INFO(name << " orientation " << orientation);
      const media::Image image = media::load_image(folder / name);
      REQUIRE(image.width == (orientation >= 5 ? 16 : 32));
      REQUIRE(image.height == (orientation >= 5 ? 32 : 16));
      for (const bool at_right : {false, true})
        for (const bool at_bottom : {false, true}) {
          const auto found = pixel(image, at_right ? image.width - 3 : 2, at_bottom ? image.height - 3 : 2);
          CHECK((found[1] < 60) == (at_right == right && at_bottom == bottom));
          CHECK(found[0] > 200);
        }
    }
  }
}

TEST_CASE("a cut photo is found out even if its thumbnail is whole") {
  const testing::TempDir folder;
  const std::string thumbnail = encode(".jpg", cv::Mat(12, 16, CV_8UC3, cv::Scalar(9, 9, 9)));
  media::save_image(folder / "plain.jpg", gradient(64, 64));
  const std::string jpeg = jpeg_with(exif(1, thumbnail), read_file(folder / "plain.jpg"));
  write_file_atomically(folder / "whole.jpg", jpeg + "what a camera adds at the end");
  CHECK(media::load_image(folder / "whole.jpg") == media::load_image(folder / "plain.jpg"));
  write_file_atomically(folder / "cut.jpg", jpeg.substr(0, jpeg.size() - 200));
  CHECK(contains(error_of([&] { media::load_image(folder / "cut.jpg"); }), "truncated"));
}

TEST_CASE("every beginning of a picture is one clear error") {
  const testing::TempDir folder;
  media::save_image(folder / "a.webp", gradient(24, 24));
  for (const std::string& whole :
       {jpeg_with(exif(6), encode(".jpg", cv::Mat::zeros(24, 24, CV_8UC3))),
        png_with(encode(".png", cv::Mat::zeros(24, 24, CV_8UC4)), png_chunk("eXIf", exif(6))),
        read_file(folder / "a.webp")})
    for (std::size_t length = 1; length + 8 < whole.size(); length += length < 80 ? 1 : 13) {
      INFO(whole.substr(0, 4) << " of " << length << " bytes");
      write_file_atomically(folder / "cut", whole.substr(0, length));
      const std::string error = error_of([&] { media::load_image(folder / "cut"); });
      CHECK(contains(error, "data: "));
      CHECK(contains(error, "cut: "));
    }
}

TEST_CASE("a picture that claims more than a gigapixel is refused before memory is taken for it") {
  const testing::TempDir folder;
  std::string bmp = encode(".bmp", cv::Mat::zeros(4, 4, CV_8UC3));
  const std::string forty_thousand("\x40\x9C\0\0", 4);
  bmp.replace(18, 4, forty_thousand).replace(22, 4, forty_thousand);
  write_file_atomically(folder / "huge.bmp", bmp);
  CHECK(contains(error_of([&] { media::load_image(folder / "huge.bmp"); }), "huge.bmp: "));
}

TEST_CASE("what is not a whole picture is one clear error") {
  const testing::TempDir folder;
  media::save_image(folder / "a.jpg", gradient(64, 64));
  media::save_image(folder / "a.png", gradient(64, 64));
  for (const char* name : {"a.jpg", "a.png"}) {
    const std::string bytes = read_file(folder / name);
    write_file_atomically(folder / name, bytes.substr(0, bytes.size() * 2 / 3));
    CHECK(contains(error_of([&] { media::load_image(folder / name); }), "truncated"));
  }
  write_file_atomically(folder / "text.jpg", "hello");
  CHECK(contains(error_of([&] { media::load_image(folder / "text.jpg"); }), "is not a picture"));
  write_file_atomically(folder / "empty.jpg", "");
  CHECK(contains(error_of([&] { media::load_image(folder / "empty.jpg"); }), "is empty"));
}

TEST_CASE("resizing by a side keeps the shape") {
  const media::Image image = gradient(60, 40);
  const media::Image shorter = media::resize_short_side(image, 20), longer = media::resize_long_side(image, 90);
  CHECK(shorter.width == 30);
  CHECK(shorter.height == 20);
  CHECK(longer.width == 90);
  CHECK(longer.height == 60);
  CHECK(media::resize(image, 60, 40) == image);
  CHECK(media::resize_long_side(gradient(1000, 2), 10).height == 1);
}

TEST_CASE("crop, flip and blend do what they say") {
  const media::Image image = gradient(20, 10);
  CHECK(pixel(media::crop(image, 3, 2, 5, 4), 0, 0) == pixel(image, 3, 2));
  CHECK(pixel(media::flip_horizontally(image), 0, 0) == pixel(image, 19, 0));
  CHECK(media::flip_horizontally(media::flip_horizontally(image)) == image);
  const media::Image flipped = media::flip_horizontally(image);
  CHECK(media::blend(image, flipped, 0) == image);
  CHECK(media::blend(image, flipped, 1) == flipped);
}

TEST_CASE("contrast, saturation and brightness are those of the definition") {
  media::Image image(1, 1);
  image.rgb_hwc = {200, 100, 50};
  CHECK(media::adjust(image, 1, 1, 0) == image);
  CHECK(media::adjust(image, 1, 1, 20).rgb_hwc == std::vector<std::uint8_t>{220, 120, 70});
  CHECK(media::adjust(image, 0.5, 1, 0).rgb_hwc ==
        std::vector<std::uint8_t>{164, 114, 89});           // 127.5 + half of what is left
  const auto grey = media::adjust(image, 1, 0, 0).rgb_hwc;  // 0.299 * 200 + 0.587 * 100 + 0.114 * 50 = 124.2
  CHECK(grey == std::vector<std::uint8_t>{124, 124, 124});
  CHECK(media::adjust(image, 2, 1, 0).rgb_hwc == std::vector<std::uint8_t>{255, 72, 0});
  CHECK(media::contrast(image) == 0);
  media::Image pair(2, 1);
  pair.rgb_hwc = {10, 0, 7, 10, 6, 3};
  CHECK(media::contrast(pair) == 3);  // green's
}

TEST_CASE("keeping colours keeps the hue of the photo") {
  media::Image red(8, 8), grey(8, 8);
  for (std::size_t i = 0; i < red.rgb_hwc.size(); i += 3) red.rgb_hwc[i] = 200;
  for (auto& value : grey.rgb_hwc) value = 90;
  const auto result = pixel(media::keep_colors(grey, red), 2, 2);
  CHECK(result[0] > result[1] + 60);
}

TEST_CASE("picture to tensor and back is the identity, rounding and clamping on the way") {
  const media::Image image = gradient(13, 7);
  const torch::Tensor tensor = media::to_tensor_nchw255(image);
  CHECK(tensor.sizes() == torch::IntArrayRef({1, 3, 7, 13}));
  CHECK(tensor[0][2][3][5].item<float>() == static_cast<float>(pixel(image, 5, 3)[2]));
  CHECK(media::from_tensor_nchw255(tensor) == image);
  CHECK(pixel(media::from_tensor_nchw255(torch::full({3, 1, 1}, 300.0)), 0, 0)[0] == 255);
  CHECK(pixel(media::from_tensor_nchw255(torch::full({3, 1, 1}, -4.0)), 0, 0)[0] == 0);
  CHECK(pixel(media::from_tensor_nchw255(torch::full({3, 1, 1}, 1.6)), 0, 0)[0] == 2);
  CHECK_THROWS(media::from_tensor_nchw255(torch::zeros({1, 4, 2, 2})));
}

TEST_CASE("a contact sheet has room for every row and column") {
  const std::vector<media::Image> two = {gradient(40, 20), gradient(10, 30)};
  const std::vector<media::LabelledRow> rows = {{"photo", two}, {"step 1", {two.data(), 1}}};
  const media::Image sheet = media::contact_sheet(rows, 50, 25);
  CHECK(sheet.width > 100);
  CHECK(sheet.height > 50);
}
