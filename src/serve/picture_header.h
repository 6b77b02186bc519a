// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace pocketstyle::serve {

// Limits for an uploaded style picture.
inline constexpr std::size_t kMaxUploadBytes = std::size_t{16} << 20U;
inline constexpr std::int64_t kMinPictureSide = 32, kMaxPictureSide = 16384, kMaxPicturePixels = 50'000'000;

struct PictureSize {
  std::int64_t width = 0, height = 0;
};

/// The size in the header of a JPEG, PNG or WebP file, without decoding it: a small file can claim to be enormous.
/// Never reads outside `bytes`. Throws UsageError: another kind of file, no size, a size outside the limits above.
PictureSize check_picture(std::string_view bytes);

}  // namespace pocketstyle::serve
