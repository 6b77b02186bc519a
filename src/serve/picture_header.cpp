// SPDX-License-Identifier: Apache-2.0
#include "serve/picture_header.h"

#include "pocketstyle/core/error.h"

#include <optional>

namespace pocketstyle::serve {
namespace {

using std::string_view_literals::operator""sv;

/// `count` bytes at `at`; empty if they are outside the data.
std::optional<std::int64_t> big(std::string_view bytes, std::size_t at, std::size_t count) {
  if (at > bytes.size() || bytes.size() - at < count) return std::nullopt;
  std::int64_t value = 0;
  for (std::size_t i = 0; i < count; ++i) value = value << 8 | static_cast<std::uint8_t>(bytes[at + i]);
  return value;
}
std::optional<std::int64_t> little(std::string_view bytes, std::size_t at, std::size_t count) {
  if (at > bytes.size() || bytes.size() - at < count) return std::nullopt;
  std::int64_t value = 0;
  for (std::size_t i = count; i-- > 0;) value = value << 8 | static_cast<std::uint8_t>(bytes[at + i]);
  return value;
}

std::optional<PictureSize> size_of(std::optional<std::int64_t> width, std::optional<std::int64_t> height) {
  if (!width || !height) return std::nullopt;
  return PictureSize{*width, *height};
}

std::optional<PictureSize> png_size(std::string_view bytes) {
  if (bytes.substr(12, 4) != "IHDR"sv) return std::nullopt;
  return size_of(big(bytes, 16, 4), big(bytes, 20, 4));
}

/// Finds the first frame header; every segment before it states its length.
std::optional<PictureSize> jpeg_size(std::string_view bytes) {
  for (std::size_t at = 2; at + 4 <= bytes.size();) {
    if (bytes[at] != '\xFF') return std::nullopt;
    const auto marker = static_cast<std::uint8_t>(bytes[at + 1]);
    if (marker == 0xFF) {  // padding
      ++at;
      continue;
    }
    if (marker == 0x01 || (marker >= 0xD0 && marker <= 0xD8)) {  // no length
      at += 2;
      continue;
    }
    if (marker == 0xD9 || marker == 0xDA) return std::nullopt;
    const bool is_frame = marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
    if (is_frame) return size_of(big(bytes, at + 7, 2), big(bytes, at + 5, 2));
    at += 2 + static_cast<std::size_t>(*big(bytes, at + 2, 2));
  }
  return std::nullopt;
}

std::optional<PictureSize> webp_size(std::string_view bytes) {
  const std::string_view chunk = bytes.substr(12, 4);
  if (chunk == "VP8X"sv) {
    const auto width = little(bytes, 24, 3), height = little(bytes, 27, 3);
    if (!width || !height) return std::nullopt;
    return PictureSize{*width + 1, *height + 1};
  }
  if (chunk == "VP8L"sv) {
    const auto bits = little(bytes, 21, 4);
    if (!bits) return std::nullopt;
    return PictureSize{(*bits & 0x3FFF) + 1, (*bits >> 14 & 0x3FFF) + 1};
  }
  if (chunk == "VP8 "sv) {
    const auto width = little(bytes, 26, 2), height = little(bytes, 28, 2);
    if (!width || !height) return std::nullopt;
    return PictureSize{*width & 0x3FFF, *height & 0x3FFF};
  }
  return std::nullopt;
}

}  // namespace

PictureSize check_picture(std::string_view bytes) {
  std::optional<PictureSize> size;
  if (bytes.starts_with("\xFF\xD8\xFF"sv)) {
    size = jpeg_size(bytes);
  } else if (bytes.size() >= 16 && bytes.starts_with("\x89PNG\r\n\x1A\n"sv)) {
    size = png_size(bytes);
  } else if (bytes.size() >= 16 && bytes.starts_with("RIFF"sv) && bytes.substr(8, 4) == "WEBP"sv) {
    size = webp_size(bytes);
  } else {
    throw UsageError("style: expected a JPEG, PNG or WebP picture");
  }
  if (!size) throw UsageError("style: the picture is damaged: its header has no size");
  if (size->width < kMinPictureSide || size->height < kMinPictureSide || size->width > kMaxPictureSide ||
      size->height > kMaxPictureSide || size->width * size->height > kMaxPicturePixels)
    throw UsageError("style: expected a picture with sides of {} to {} pixels and at most {} megapixels, found {}x{}",
                     kMinPictureSide, kMaxPictureSide, kMaxPicturePixels / 1'000'000, size->width, size->height);
  return *size;
}

}  // namespace pocketstyle::serve
