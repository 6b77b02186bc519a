// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>
#include <vector>

namespace pocketstyle::media {

/// A picture: RGB, 8 bits a channel, rows top to bottom without padding.
struct Image {
  std::int64_t width = 0;
  std::int64_t height = 0;
  std::vector<std::uint8_t> rgb_hwc;  ///< height * width * 3 bytes

  Image() = default;
  Image(std::int64_t w, std::int64_t h) : width(w), height(h), rgb_hwc(static_cast<std::size_t>(w * h * 3)) {}
  [[nodiscard]] bool empty() const { return rgb_hwc.empty(); }
  bool operator==(const Image&) const = default;
};

/// Lower-case extensions that load_image reads: .jpg .jpeg .png .webp .bmp .tif .tiff .ppm
std::span<const std::string_view> readable_extensions();
/// Extensions that save_image writes: .png .jpg .jpeg .webp
std::span<const std::string_view> writable_extensions();

/// Reads a picture as it is meant to be seen: EXIF orientation applied, grey as RGB, 16 bits scaled to 8, transparent
/// parts over white. Throws DataError with path and reason: missing, not a picture, truncated, larger than 1 gigapixel.
Image load_image(const std::filesystem::path& path);

/// Throws UsageError if `path` has another extension than those.
void check_writable(const std::filesystem::path& path);

/// Writes atomically, format by extension; `quality` 1..100 for JPEG and WebP. Throws UsageError for another
/// extension, DataError when writing fails.
void save_image(const std::filesystem::path& path, const Image& image, int quality = 92);

/// Area average going down, bicubic going up. Requires: width and height of 1 or more.
Image resize(const Image& image, std::int64_t width, std::int64_t height);
/// So that the short (long) side has `side` pixels, shape kept, no side below 1.
Image resize_short_side(const Image& image, std::int64_t side);
Image resize_long_side(const Image& image, std::int64_t side);
/// Requires: the window lies inside.
Image crop(const Image& image, std::int64_t left, std::int64_t top, std::int64_t width, std::int64_t height);
Image flip_horizontally(const Image& image);
/// `amount` 0 gives `a`, 1 gives `b`. Requires: equal sizes.
Image blend(const Image& a, const Image& b, double amount);
/// Luminance of `stylised`, colours of `content` (CIE Lab). Requires: equal sizes.
Image keep_colors(const Image& stylised, const Image& content);

struct LabelledRow {
  std::string_view label;
  std::span<const Image> images;
};
/// A contact sheet: a row per entry with its label at the left, each picture fitted into a cell of that many pixels.
Image contact_sheet(std::span<const LabelledRow> rows, std::int64_t cell_width, std::int64_t cell_height);

}  // namespace pocketstyle::media
