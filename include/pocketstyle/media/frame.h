// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/media/image.h"

namespace pocketstyle::media {

/// Pixels to crop off each side of a picture.
struct Margins {
  std::int64_t left = 0, top = 0, right = 0, bottom = 0;
  [[nodiscard]] bool any() const { return left + top + right + bottom > 0; }
  bool operator==(const Margins&) const = default;
};

/// Finds the plain dark or light frame of a scan: on each side everything out to the edge from the innermost line,
/// within the outer tenth, that is nearly uniform and nearly black or white. Blurred lines and a border of the other
/// colour in between are included.
Margins find_frame(const Image& image);
/// Crops the margins off. Requires: something remains.
Image without_margins(const Image& image, const Margins& margins);

}  // namespace pocketstyle::media
