// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/media/image.h"

namespace pocketstyle::media {

/// Pixels at each side of a picture.
struct Margins {
  std::int64_t left = 0, top = 0, right = 0, bottom = 0;
  [[nodiscard]] bool any() const { return left + top + right + bottom > 0; }
  bool operator==(const Margins&) const = default;
};

/// The plain dark or light frame of a scan: at each side everything up to the innermost line, within the outer tenth,
/// that is nearly black or nearly white and nearly even; blurred lines and a rim of the other kind in between included.
Margins find_frame(const Image& image);
/// Without the margins. Requires: they leave a picture.
Image without_margins(const Image& image, const Margins& margins);

}  // namespace pocketstyle::media
