// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/media/picture.h"

#include "media/encoded.h"
#include "support/catch.h"
#include "support/temp_dir.h"

#include "pocketstyle/core/files.h"
#include "pocketstyle/media/photo_files.h"
#include "pocketstyle/media/video.h"

#include <lcms2.h>

#include <cmath>

using namespace pocketstyle;
using testing::big_endian;
using testing::contains;
using testing::encode;
using testing::error_of;
using testing::pixel;
using testing::png_chunk;
using testing::png_with;

namespace {

const std::filesystem::path kFiles = POCKETSTYLE_TEST_FILES;  // 32x24: left red (200,40,40), right blue (40,60,200)

int farthest(const std::array<int, 3>& a, const std::array<int, 3>& b) {
  int most = 0;
  for (std::size_t c = 0; c < 3; ++c) most = std::max(most, std::abs(a[c] - b[c]));
  return most;
}

/// Display P3's primaries with a gamma of 2.2.
std::string p3_profile() {
  const cmsCIExyY white{0.3127, 0.3290, 1};
  const cmsCIExyYTRIPLE primaries{{0.680, 0.320, 1}, {0.265, 0.690, 1}, {0.150, 0.060, 1}};
  cmsToneCurve* const curve = cmsBuildGamma(nullptr, 2.2);
  cmsToneCurve* curves[] = {curve, curve, curve};
  const cmsHPROFILE profile = cmsCreateRGBProfile(&white, &primaries, curves);
  cmsUInt32Number size = 0;
  cmsSaveProfileToMem(profile, nullptr, &size);
  std::string bytes(size, '\0');
  cmsSaveProfileToMem(profile, bytes.data(), &size);
  cmsCloseProfile(profile);
  cmsFreeToneCurve(curve);
  return bytes;
}

/// A JPEG with a profile in two parts, as long ones are stored.
std::string jpeg_with_profile(const std::string& jpeg, const std::string& profile) {
  std::string parts;
  const std::size_t half = profile.size() / 2;
  for (int i = 1; i <= 2; ++i) {
    const std::string part = i == 1 ? profile.substr(0, half) : profile.substr(half);
    const std::size_t length = part.size() + 16;
    parts += std::string("\xFF\xE2") + static_cast<char>(length >> 8) + static_cast<char>(length & 0xFFU) +
             std::string("ICC_PROFILE\0", 12) + static_cast<char>(i) + '\2' + part;
  }
  return jpeg.substr(0, 2) + parts + jpeg.substr(2);
}

}  // namespace

// The expected values were computed from the primaries and the curves alone, without a colour library.
TEST_CASE("colour profiles are converted to sRGB") {
  const testing::TempDir folder;
  struct Case {
    cv::Scalar bgr;
    std::array<int, 3> srgb;
  };
  const Case one = GENERATE(Case{{50, 100, 200}, {216, 93, 24}}, Case{{90, 150, 60}, {0, 154, 83}},
                            Case{{128, 128, 128}, {129, 129, 129}});
  const cv::Mat even(16, 16, CV_8UC3, one.bgr);
  write_file_atomically(folder / "a.jpg",
                        jpeg_with_profile(encode(".jpg", even, {cv::IMWRITE_JPEG_QUALITY, 100}), p3_profile()));
  CHECK(farthest(pixel(media::load_image(folder / "a.jpg"), 3, 3), one.srgb) <= 2);
  CHECK_FALSE(media::load_picture(folder / "a.jpg").profile.empty());

  // The same, said by a PNG's own chunks: gamma 1/2.2 and the primaries, times 100,000.
  std::string primaries;
  for (const std::size_t value : {31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000})
    primaries += big_endian(value);
  const std::string png =
      png_with(encode(".png", even), png_chunk("gAMA", big_endian(45455)) + png_chunk("cHRM", primaries));
  write_file_atomically(folder / "a.png", png);
  CHECK(farthest(pixel(media::load_image(folder / "a.png"), 3, 3), one.srgb) <= 1);
  cv::Mat deep;
  even.convertTo(deep, CV_16UC3, 257);
  write_file_atomically(folder / "deep.png", png_with(encode(".png", deep), png_chunk("gAMA", big_endian(45455)) +
                                                                                png_chunk("cHRM", primaries)));
  CHECK(farthest(pixel(media::load_image(folder / "deep.png"), 3, 3), one.srgb) <= 1);
  media::save_image(folder / "again.png", media::load_image(folder / "a.png"));
  CHECK(media::load_image(folder / "again.png") == media::load_image(folder / "a.png"));  // nothing is done twice
}

TEST_CASE("a damaged profile is left aside") {
  const testing::TempDir folder;
  const std::string jpeg = encode(".jpg", cv::Mat(16, 16, CV_8UC3, cv::Scalar(50, 100, 200)));
  write_file_atomically(folder / "plain.jpg", jpeg);
  write_file_atomically(folder / "a.jpg", jpeg_with_profile(jpeg, std::string(300, 'x')));
  CHECK(media::load_image(folder / "a.jpg") == media::load_image(folder / "plain.jpg"));
}

TEST_CASE("still pictures are read from any container, animations are videos") {
  for (const char* name : {"two.gif", "two.heic", "two.avif"}) {
    INFO(name);
    CHECK_FALSE(media::is_video(kFiles / name));
    if (std::string(name) != "two.gif" &&
        contains(error_of([&] { media::load_image(kFiles / name); }), "built without libheif"))
      continue;
    const media::Image image = media::load_image(kFiles / name);
    REQUIRE(image.width == 32);
    REQUIRE(image.height == 24);
    CHECK(farthest(pixel(image, 4, 12), {200, 40, 40}) <= 4);
    CHECK(farthest(pixel(image, 28, 12), {40, 60, 200}) <= 4);
    CHECK(contains(error_of([&] { media::VideoReader reader(kFiles / name); }), "found no moving pictures"));
  }
  for (const char* name : {"anim.gif", "anim.webp", "anim.png"}) {
    INFO(name);
    CHECK(media::is_video(kFiles / name));
    media::VideoReader reader(kFiles / name);
    const auto first = reader.next(), second = reader.next();
    REQUIRE(second);
    CHECK_FALSE(reader.next());
    CHECK(farthest(pixel(first->picture, 4, 12), {200, 40, 40}) <= 1);
    CHECK(farthest(pixel(second->picture, 4, 12), {40, 60, 200}) <= 1);
    CHECK(static_cast<double>(second->time) * reader.format().tick.value() == Approx(0.1));
  }
}

TEST_CASE("transparent parts stay so, and what lies under them continues the colours around") {
  const testing::TempDir folder;
  cv::Mat mat(20, 30, CV_8UC4, cv::Scalar(255, 255, 255, 0));  // transparent white
  mat(cv::Rect(5, 5, 10, 10)).setTo(cv::Scalar(30, 20, 200, 255));
  mat(cv::Rect(14, 5, 1, 10)).setTo(cv::Scalar(30, 20, 200, 128));
  write_file_atomically(folder / "a.png", encode(".png", mat));
  const media::Picture picture = media::load_picture(folder / "a.png");
  REQUIRE(picture.alpha.values.size() == 600);
  CHECK(picture.alpha.values[0] == 0);
  CHECK(picture.alpha.values[7 * 30 + 14] == 128);
  CHECK(pixel(picture.image, 0, 0) == std::array<int, 3>{200, 20, 30});
  CHECK(pixel(picture.image, 14, 7) == std::array<int, 3>{200, 20, 30});

  media::save_picture(folder / "b.png", picture);
  CHECK(media::load_picture(folder / "b.png").alpha.values == picture.alpha.values);
  media::save_picture(folder / "b.webp", picture);
  CHECK(media::load_picture(folder / "b.webp").alpha.values == picture.alpha.values);
  media::save_picture(folder / "b.jpg", picture);
  CHECK(farthest(pixel(media::load_image(folder / "b.jpg"), 28, 18), {255, 255, 255}) <= 3);
  CHECK(media::load_picture(folder / "b.jpg").alpha.empty());
  const media::Alpha half = media::resize(picture.alpha, 15, 10);
  CHECK(half.values.size() == 150);
  CHECK(half.values[0] == 0);
  CHECK(half.values[3 * 15 + 4] == 255);
}

TEST_CASE("a grey picture's transparent colour is transparent") {
  const testing::TempDir folder;
  cv::Mat grey(8, 8, CV_8UC1, cv::Scalar(90));
  grey(cv::Rect(0, 0, 4, 8)).setTo(7);
  write_file_atomically(folder / "a.png", png_with(encode(".png", grey), png_chunk("tRNS", std::string("\0\7", 2))));
  const media::Picture picture = media::load_picture(folder / "a.png");
  REQUIRE(picture.alpha.values.size() == 64);
  CHECK(picture.alpha.values[0] == 0);
  CHECK(picture.alpha.values[7] == 255);
  CHECK(pixel(picture.image, 0, 0) == std::array<int, 3>{90, 90, 90});
  CHECK(pixel(media::load_image(folder / "a.png"), 0, 0) == std::array<int, 3>{255, 255, 255});
}

TEST_CASE("nothing visible is no reason to fail") {
  const testing::TempDir folder;
  write_file_atomically(folder / "a.png", encode(".png", cv::Mat(5, 7, CV_8UC4, cv::Scalar(1, 2, 3, 0))));
  CHECK(pixel(media::load_picture(folder / "a.png").image, 3, 3) == std::array<int, 3>{255, 255, 255});
}

TEST_CASE("a JPEG with a superfluous byte is read all the same") {
  const testing::TempDir folder;
  const std::string jpeg = encode(".jpg", cv::Mat(16, 16, CV_8UC3, cv::Scalar(50, 100, 200)));
  write_file_atomically(folder / "plain.jpg", jpeg);
  write_file_atomically(folder / "a.jpg", jpeg.substr(0, 2) + "8" + jpeg.substr(2));
  CHECK(media::load_image(folder / "a.jpg") == media::load_image(folder / "plain.jpg"));
}

TEST_CASE("damaged pixels are one line of our own") {
  const testing::TempDir folder;
  cv::Mat noise(64, 64, CV_8UC3);
  cv::randu(noise, 0, 255);
  std::string png = encode(".png", noise);
  png[png.size() / 2] = static_cast<char>(png[png.size() / 2] ^ 0x55);
  write_file_atomically(folder / "a.png", png);
  CHECK(contains(error_of([&] { media::load_image(folder / "a.png"); }), "is not a picture that can be read"));
  cv::Mat numbers(8, 8, CV_32FC1, cv::Scalar(0.5));
  write_file_atomically(folder / "a.tif", encode(".tif", numbers));
  CHECK(contains(error_of([&] { media::load_image(folder / "a.tif"); }), "floating-point numbers"));
}

TEST_CASE("what is skipped in a folder is counted by its kind") {
  const testing::TempDir folder;
  const std::string png = encode(".png", cv::Mat(8, 8, CV_8UC3, cv::Scalar(1, 2, 3)));
  for (const char* name : {"b.png", "sub/a.JFIF", "._b.png", ".DS_Store", "Thumbs.db", ".hidden.png", ".cache/c.png",
                           "__MACOSX/d.png", "styled/b.png", "notes.txt", "clip.mp4", "raw.CR2"})
    write_file_atomically(folder / name, png);
  std::filesystem::copy(kFiles / "anim.gif", folder / "anim.gif");
  const media::PhotoFiles found = media::find_photos(folder.path(), folder / "styled");
  REQUIRE(found.photos.size() == 2);
  CHECK(found.photos[0] == folder / "b.png");
  CHECK(found.photos[1] == folder / "sub/a.JFIF");
  CHECK(found.skipped_text() ==
        "1 .txt file, 1 animation, 1 folder of results, 1 hidden file, 1 hidden folder, 1 raw photo, 3 system files, "
        "1 system folder, 1 video");
  CHECK(media::find_photos(folder.path()).photos.size() == 3);
}

TEST_CASE("a TIFF is turned once, as its tag says") {
  const testing::TempDir folder;
  cv::Mat picture(4, 8, CV_8UC3, cv::Scalar(255, 255, 255));
  picture(cv::Rect(0, 0, 4, 2)).setTo(cv::Scalar(0, 0, 255));  // the left top quarter is red
  std::string tiff = encode(".tif", picture, {cv::IMWRITE_TIFF_COMPRESSION, 1});
  const std::string tag("\x12\x01\x03\0\x01\0\0\0\1\0\0\0", 12);
  std::size_t at = tiff.find(tag);
  if (at == std::string::npos) {  // OpenCV wrote no orientation: the tag of the resolution's unit makes room
    at = tiff.find(std::string("\x1c\x01\x03\0\x01\0\0\0", 8));
    REQUIRE(at != std::string::npos);
  }
  const int orientation = GENERATE(1, 3, 6);
  tiff.replace(at, 12,
               std::string("\x12\x01\x03\0\x01\0\0\0", 8) + static_cast<char>(orientation) + std::string(3, '\0'));
  write_file_atomically(folder / "a.tif", tiff);
  const media::Image image = media::load_image(folder / "a.tif");
  CHECK(image.width == (orientation == 6 ? 4 : 8));
  const std::int64_t x = orientation == 1 ? 0 : image.width - 1, y = orientation == 3 ? image.height - 1 : 0;
  CHECK(pixel(image, x, y) == std::array<int, 3>{255, 0, 0});
  CHECK(pixel(image, image.width - 1 - x, y) == std::array<int, 3>{255, 255, 255});
}
