// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace pocketstyle::media {

enum class PictureFormat { other, jpeg, png, webp, gif, tiff, heic, avif };

/// Facts about a picture file outside its pixels, read without decoding it.
struct Container {
  PictureFormat format = PictureFormat::other;
  bool is_cut_off = false;         ///< the format's end marker is missing; JPEG, PNG and WebP only
  bool is_animated = false;        ///< more than one frame; of HEIC and AVIF: there may be more
  bool is_associated = false;      ///< of a TIFF: colours are multiplied by alpha
  std::size_t orientation_at = 0;  ///< of a TIFF: where its orientation is stored; 0: nowhere
  bool is_float = false;           ///< a TIFF of floating-point numbers
  int orientation = 1;             ///< EXIF orientation, 1..8; JPEG, PNG, WebP and TIFF only
  std::string icc_profile{};       ///< JPEG, WebP and TIFF only; libpng unpacks that of a PNG, libheif gives a HEIC's
};

/// Never reads outside `bytes` and never throws, whatever the content.
Container examine(std::string_view bytes);

}  // namespace pocketstyle::media
