// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace pocketstyle::media {

/// What a picture file says of itself outside its pixels, read without decoding it.
struct Container {
  bool is_jpeg = false;
  bool is_cut_off = false;  ///< the end that the format prescribes is missing; JPEG, PNG and WebP only
  int orientation = 1;      ///< EXIF's, 1..8; JPEG, PNG and WebP only
};

/// Never reads outside `bytes` and never throws, whatever they hold.
Container examine(std::string_view bytes);

}  // namespace pocketstyle::media
