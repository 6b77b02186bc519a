// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>
#include <vector>

namespace pocketstyle::media {

/// A picture: RGB, 8 bits per channel, rows from top to bottom without padding.
struct Image {
  std::int64_t width = 0;
  std::int64_t height = 0;
  std::vector<std::uint8_t> rgb_hwc;  ///< height * width * 3 bytes

  Image() = default;
  Image(std::int64_t w, std::int64_t h) : width(w), height(h), rgb_hwc(static_cast<std::size_t>(w * h * 3)) {}
  [[nodiscard]] bool empty() const { return rgb_hwc.empty(); }
  bool operator==(const Image&) const = default;
};

/// Lower-case extensions of files that load_image reads, such as .jpg; .heic and .avif only if libheif was there
std::span<const std::string_view> readable_extensions();
/// Extensions of files that save_image writes: .png .jpg .jpeg .webp
std::span<const std::string_view> writable_extensions();

/// Reads a picture for display: EXIF orientation applied, converted to sRGB of 8 bits, transparent parts over white; of
/// an animation the first frame. Throws DataError with path and reason: missing, not a picture, truncated, larger than
/// 1 gigapixel.
Image load_image(const std::filesystem::path& path);

/// Throws UsageError if the extension of `path` is not one of those.
void check_writable(const std::filesystem::path& path);

/// Writes atomically in the format of the extension; `quality` is 1..100 for JPEG and WebP. Throws UsageError for
/// another extension, DataError when writing fails.
void save_image(const std::filesystem::path& path, const Image& image, int quality = 92);

/// Downscales by area averaging, upscales bicubically. Requires: width and height of 1 or more.
Image resize(const Image& image, std::int64_t width, std::int64_t height);
/// Resizes so that the short (long) side is `side` pixels; keeps the aspect ratio, and each side at least 1.
Image resize_short_side(const Image& image, std::int64_t side);
Image resize_long_side(const Image& image, std::int64_t side);
/// Requires: the window is inside the picture.
Image crop(const Image& image, std::int64_t left, std::int64_t top, std::int64_t width, std::int64_t height);
Image flip_horizontally(const Image& image);
/// Changes contrast around mid-grey, saturation around each pixel's luma (BT.601; 0: grey), then adds `brightness`, in
/// levels of 255; clamps. 1, 1, 0 change nothing.
Image adjust(const Image& image, double contrast, double saturation, double brightness);
/// The largest of the channels' standard deviations, in levels of 255.
double contrast(const Image& image);
/// What has less contrast is one plain colour to the eye.
inline constexpr double kPlainContrast = 1;
/// Blends linearly: `amount` 0 returns `a`, 1 returns `b`. Requires: equal sizes.
Image blend(const Image& a, const Image& b, double amount);
/// Combines the luminance of `stylised` with the colours of `content` (CIE Lab). Requires: equal sizes.
Image keep_colors(const Image& stylised, const Image& content);

struct LabelledRow {
  std::string_view label;
  std::span<const Image> images;
};
/// A contact sheet: one row per entry with its label on the left, each picture fitted into a cell of that many pixels.
Image contact_sheet(std::span<const LabelledRow> rows, std::int64_t cell_width, std::int64_t cell_height);

}  // namespace pocketstyle::media
