// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/media/image.h"

#include <array>
#include <span>

namespace pocketstyle::media {

/// The shares of R, G and B in luma (ITU-R BT.601).
inline constexpr std::array<double, 3> kLumaShares{0.299, 0.587, 0.114};

/// Luma of numbers or tensors that are indexed by channel, R first; in their range.
template <class Rgb>
auto luma(const Rgb& rgb) {
  return kLumaShares[0] * rgb[0] + kLumaShares[1] * rgb[1] + kLumaShares[2] * rgb[2];
}

/// Mean and covariance of RGB, 0..255.
struct ColorStatistics {
  std::array<double, 3> mean{};
  std::array<std::array<double, 3>, 3> covariance{};
};
/// Over all pixels of all pictures. Requires: at least one pixel.
ColorStatistics color_statistics(std::span<const Image> images);

/// Changes the picture to that mean and covariance by the linear map that changes colours least (Gatys et al. 2016,
/// "Preserving color in neural artistic style transfer", image analogies form). Clamped to 0..255.
Image match_colors(const Image& image, const ColorStatistics& wanted);

}  // namespace pocketstyle::media
