// SPDX-License-Identifier: Apache-2.0
#pragma once
// Little CMS, for what colours mean.

#include "media/decode.h"

#include <optional>
#include <string>

namespace pocketstyle::media {

/// CIE xy of the white point and the primaries.
struct Primaries {
  double white_x, white_y, red_x, red_y, green_x, green_y, blue_x, blue_y;
};
inline constexpr Primaries kSrgbPrimaries{0.3127, 0.3290, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06};
inline constexpr Primaries kP3Primaries{0.3127, 0.3290, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060};
inline constexpr Primaries kBt2020Primaries{0.3127, 0.3290, 0.708, 0.292, 0.170, 0.797, 0.131, 0.046};

bool are_srgb(const Primaries& primaries);
/// An ICC profile of these primaries; without `gamma` with the curve of sRGB. Empty if they are impossible.
std::string make_profile(const Primaries& primaries, std::optional<double> gamma = std::nullopt);

struct Conversion {
  std::string profile;       ///< its name, where colours were converted
  bool is_unusable = false;  ///< the profile is damaged, or for pixels of another kind; nothing was converted
};
/// Turns the pixels to sRGB: grey becomes BGR where the profile asks for it, CMYK always. Without a profile, or with
/// that of sRGB, only CMYK changes.
Conversion to_srgb(Decoded& picture);

}  // namespace pocketstyle::media
