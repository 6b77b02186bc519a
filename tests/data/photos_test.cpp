// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/data/photos.h"

#include "support/catch.h"
#include "support/temp_dir.h"

#include "pocketstyle/core/files.h"
#include "pocketstyle/core/random.h"
#include "pocketstyle/media/image.h"
#include "pocketstyle/media/tensor.h"

#include <algorithm>

using namespace pocketstyle;
using testing::contains;
using testing::error_of;

namespace {

struct Photos {
  testing::TempDir folder;
  config::DataConfig config;
  explicit Photos(std::int64_t count) {
    for (std::int64_t i = 0; i < count; ++i) {
      media::Image photo(40 + 4 * i, 40);
      CounterRandom random(static_cast<std::uint64_t>(i), 1);
      for (auto& value : photo.rgb_hwc) value = static_cast<std::uint8_t>(random.integer(0, 255));
      media::save_image(folder / ("p" + std::to_string(i) + ".png"), photo);
    }
    config.train = folder.path();
    config.held_out = folder.path();
    config.crop = 16;
    config.window_max = 32;
    config.zoom = 1;
    config.jitter = 0;
    config.min_side = 8;
    config.held_out_size = 20;
  }
};

/// A picture that gets lighter from left to right.
media::Image shaded(std::int64_t width, std::int64_t height) {
  media::Image picture(width, height);
  for (std::size_t i = 0; i < picture.rgb_hwc.size(); ++i)
    picture.rgb_hwc[i] = static_cast<std::uint8_t>(static_cast<std::int64_t>(i) / 3 % width * 255 / width);
  return picture;
}

std::vector<torch::Tensor> take(const config::DataConfig& config, std::int64_t batches, std::int64_t position,
                                std::uint64_t seed = 1) {
  data::Batches stream(config, /*batch=*/3, seed, position);
  std::vector<torch::Tensor> taken;
  for (std::int64_t i = 0; i < batches; ++i) taken.push_back(stream.next());
  CHECK(stream.position() == position + 3 * batches);
  return taken;
}

bool equal(const std::vector<torch::Tensor>& a, const std::vector<torch::Tensor>& b) {
  for (std::size_t i = 0; i < a.size(); ++i)
    if (!torch::equal(a[i], b[i])) return false;
  return a.size() == b.size();
}

}  // namespace

TEST_CASE("batches have the promised shape and range") {
  const Photos photos(3);
  const auto batch = take(photos.config, 1, 0).front();
  CHECK(batch.sizes() == torch::IntArrayRef({3, 3, 16, 16}));
  CHECK(batch.min().item<float>() >= 0);
  CHECK(batch.max().item<float>() <= 255);
  CHECK(batch.max().item<float>() > 2);
}

TEST_CASE("the stream depends on the seed and the position alone, not on workers or cache") {
  Photos photos(4);
  const auto reference = take(photos.config, 6, 0);
  CHECK_FALSE(equal(reference, take(photos.config, 6, 0, /*seed=*/2)));
  for (const std::int64_t workers : {0, 1, 3})
    for (const std::int64_t cache_mb : {0, 100}) {
      photos.config.workers = workers;
      photos.config.cache_mb = cache_mb;
      CHECK(equal(reference, take(photos.config, 6, 0)));
      CHECK(equal({reference.begin() + 4, reference.end()}, take(photos.config, 2, 12)));
    }
}

TEST_CASE("the first crops can be smaller, cut from photos as large") {
  Photos photos(4);
  const auto reference = take(photos.config, 4, 0);
  photos.config.small_crop = 8;
  data::Batches stream(photos.config, /*batch=*/3, /*seed=*/1, /*position=*/0, {}, /*small_until=*/6);
  for (std::size_t i = 0; i < 4; ++i) {
    const torch::Tensor batch = stream.next();
    if (i < 2)
      CHECK(batch.sizes() == torch::IntArrayRef({3, 3, 8, 8}));
    else
      CHECK(torch::equal(batch, reference[i]));
  }
  // Windows with fewer source pixels would be blurred: a window cut at the photo's own scale contains its pixels
  // unchanged.
  photos.config.window_max = photos.config.crop;
  const torch::Tensor sharp = data::Batches(photos.config, 1, 1, 0, {}, /*small_until=*/1).next();
  bool found = false;
  for (int i = 0; i < 4; ++i) {
    const media::Image photo =
        media::resize_short_side(media::load_image(photos.folder / ("p" + std::to_string(i) + ".png")), 16);
    const torch::Tensor whole = media::to_tensor_nchw255(photo);
    for (const torch::Tensor& window : {sharp, sharp.flip({3})})
      for (std::int64_t y = 0; y + 8 <= whole.size(2); ++y)
        for (std::int64_t x = 0; x + 8 <= whole.size(3); ++x)
          found |= torch::equal(whole.narrow(2, y, 8).narrow(3, x, 8), window);
  }
  CHECK(found);
}

TEST_CASE("zoom enlarges small windows, and jitter changes contrast, saturation and brightness a little") {
  Photos photos(1);
  photos.config.window_max = photos.config.crop;
  const auto plain = take(photos.config, 4, 0);
  photos.config.jitter = 0.1;
  const auto varied = take(photos.config, 4, 0);
  double largest = 0;
  for (std::size_t i = 0; i < plain.size(); ++i)  // the windows are the same
    largest = std::max(largest, (varied[i] - plain[i]).abs().max().item<double>());
  CHECK(largest > 5);
  // Black or white: contrast 12.75 and brightness 12.75; saturation 10% of at most 0.886 * 255, times the contrast.
  CHECK(largest < 12.75 * 2 + 0.1 * 1.1 * 226 + 1);
  photos.config.jitter = 0;
  photos.config.zoom = 4;  // of noise, which enlarging smooths
  const auto roughness = [](const torch::Tensor& x) {
    return (x.slice(3, 1) - x.slice(3, 0, -1)).abs().mean().item<double>();
  };
  double smoothest = 1e9;
  for (const torch::Tensor& batch : take(photos.config, 8, 0))
    for (const torch::Tensor& sample : batch.split(1)) smoothest = std::min(smoothest, roughness(sample));
  CHECK(smoothest < 0.5 * roughness(plain.front()));
}

TEST_CASE("shares of the stream are its batches in turn") {
  Photos photos(4);
  const auto reference = take(photos.config, 6, 0);
  for (const std::int64_t workers : {0, 2}) {
    photos.config.workers = workers;
    for (std::int64_t index = 0; index < 3; ++index) {
      data::Batches stream(photos.config, /*batch=*/3, /*seed=*/1, /*position=*/0, {index, 3});
      for (const std::int64_t batch : {index, index + 3})
        CHECK(torch::equal(stream.next(), reference[static_cast<std::size_t>(batch)]));
      CHECK(stream.position() == 18);
      data::Batches later(photos.config, /*batch=*/3, /*seed=*/1, /*position=*/9, {index, 3});
      CHECK(torch::equal(later.next(), reference[static_cast<std::size_t>(index + 3)]));
    }
  }
}

TEST_CASE("photos that cannot be used are counted, and others stand in for them") {
  Photos photos(2);
  write_file_atomically(photos.folder / "text.jpg", "not a picture");
  write_file_atomically(photos.folder / "empty.png", "");
  media::save_image(photos.folder / "tiny.png", media::Image(4, 4));
  const std::string whole = read_file(photos.folder / "p0.png");
  write_file_atomically(photos.folder / "cut.png", whole.substr(0, whole.size() / 2));
  data::Batches stream(photos.config, 6, 1, 0);
  CHECK(stream.photos() == 6);
  for (int i = 0; i < 4; ++i) CHECK(stream.next().sizes() == torch::IntArrayRef({6, 3, 16, 16}));
  CHECK(stream.skipped() == 4);
}

TEST_CASE("others stand in for crops of one plain colour") {
  Photos photos(0);
  media::Image white(64, 64);
  std::fill(white.rgb_hwc.begin(), white.rgb_hwc.end(), std::uint8_t{255});
  media::save_image(photos.folder / "white.png", white);
  CHECK(contains(error_of([&] { data::Batches(photos.config, 1, 1, 0); }), "none of the 1 files is usable"));
  // A product on white paper: one corner has something in it.
  for (std::int64_t y = 0; y < 16; ++y) std::fill_n(white.rgb_hwc.begin() + y * 64 * 3, 16 * 3, std::uint8_t{90});
  media::save_image(photos.folder / "product.png", white);
  photos.config.jitter = 0.1;
  photos.config.window_max = 64;
  data::Batches stream(photos.config, 6, 1, 0);
  for (int i = 0; i < 8; ++i) CHECK(stream.next().std({2, 3}).amax(1).min().item<float>() >= 0.9);
  CHECK(stream.skipped() == 1);
  // A photo that is not plain, whose windows are.
  media::Image wide(4000, 40);
  for (std::int64_t y = 0; y < 40; ++y) std::fill_n(wide.rgb_hwc.begin() + y * 4000 * 3, 12, std::uint8_t{200});
  media::save_image(photos.folder / "product.png", wide);
  data::Batches plain(photos.config, 1, 1, 0);
  CHECK(contains(error_of([&] { plain.next(); }), "found plain colours"));
}

TEST_CASE("photos of every kind are used: grey, 16-bit, turned by EXIF, giant") {
  Photos photos(0);
  // Grey and 16-bit pictures as PPM: raw bytes after a line of text.
  write_file_atomically(photos.folder / "a_grey.ppm",
                        "P5 30 24 255\n" + std::string(30 * 12, '\x30') + std::string(30 * 12, '\x50'));
  write_file_atomically(photos.folder / "b_16bit.ppm",
                        "P6 30 24 65535\n" + std::string(30 * 12 * 6, '\x70') + std::string(30 * 12 * 6, '\x90'));
  media::save_image(photos.folder / "c_turned.jpg", shaded(60, 30));
  const std::string jpeg = read_file(photos.folder / "c_turned.jpg");
  const std::string exif(
      "\xFF\xE1\0\x22"
      "Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0",
      36);
  write_file_atomically(photos.folder / "c_turned.jpg", jpeg.substr(0, 2) + exif + jpeg.substr(2));
  media::save_image(photos.folder / "d_giant.jpg", shaded(8000, 6000));

  const auto validation = data::load_validation_photos(photos.config);
  REQUIRE(validation.size() == 4);
  CHECK(validation[0].mean().item<double>() == Approx(0x40));
  CHECK(validation[1].mean().item<double>() == Approx(0x80));
  CHECK(validation[2].sizes() == torch::IntArrayRef({1, 3, 40, 20}));  // 60x30, portrait
  CHECK(validation[3].sizes() == torch::IntArrayRef({1, 3, 20, 24}));  // 48 megapixels, 26x20 cropped to multiples of 4
  data::Batches stream(photos.config, 8, 1, 0);
  CHECK(stream.next().sizes() == torch::IntArrayRef({8, 3, 16, 16}));
  CHECK(stream.skipped() == 0);
}

TEST_CASE("a folder without usable photos is an error at once") {
  Photos photos(0);
  CHECK(contains(error_of([&] { data::Batches(photos.config, 1, 1, 0); }), "found none"));
  CHECK(contains(error_of([&] { data::load_validation_photos(photos.config); }), "found none"));
  write_file_atomically(photos.folder / "text.jpg", "not a picture");
  CHECK(contains(error_of([&] { data::Batches(photos.config, 1, 1, 0); }), "none of the 1 files is usable"));
  CHECK(contains(error_of([&] { data::load_validation_photos(photos.config); }), "none of the 1 files is usable"));
  photos.config.train = photos.folder / "nowhere";
  CHECK(contains(error_of([&] { data::Batches(photos.config, 1, 1, 0); }), "expected a folder"));
}

TEST_CASE("validation photos have sides that are multiples of 4 and are as many as asked") {
  Photos photos(5);
  photos.config.held_out_photos = 3;
  std::vector<std::string> names;
  const auto validation = data::load_validation_photos(photos.config, &names);
  REQUIRE(validation.size() == 3);
  CHECK(names == std::vector<std::string>{"p0.png", "p1.png", "p2.png"});
  for (const auto& photo : validation) {
    CHECK(photo.size(2) == 20);
    CHECK(photo.size(3) % 4 == 0);
  }
  photos.config.held_out.clear();
  CHECK(data::load_validation_photos(photos.config).empty());
}

TEST_CASE("a stream that nobody reads stops cleanly") {
  Photos photos(3);
  photos.config.workers = 4;
  for (int i = 0; i < 20; ++i) CHECK(data::Batches(photos.config, 4, 1, 0).photos() == 3);
}
