// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/evaluate/evaluate.h"

namespace pocketstyle::evaluate {

std::span<const Metric> metrics() {
  static constexpr Metric kMetrics[] = {
      {"content", "content loss", "", Better::lower, "weighted content term of the perceptual loss"},
      {"style", "style loss", "", Better::lower, "weighted style term of the perceptual loss"},
      {"tv", "total variation", "", Better::lower, "weighted total variation term of the perceptual loss"},
      {"total", "total loss", "", Better::lower, "the perceptual loss, as training measures it"},
      {"ssim", "SSIM", "", Better::higher, "structural similarity of the result's luminance to the photo's"},
      {"vgg_distance", "VGG distance", "", Better::lower, "LPIPS-like distance of result and photo, 0 to 2"},
      {"brisque", "BRISQUE", "", Better::lower, "distortion by natural scene statistics, 0 to 100"},
      {"nima_mean", "NIMA mean", "", Better::higher, "rating that people would give, 1 to 10; with --nima"},
      {"nima_spread", "NIMA spread", "", Better::neither, "standard deviation of those ratings; with --nima"},
      {"border_error", "border error", "levels", Better::lower, "what the padding changes near the border", false},
      {"border_line", "border line", "levels", Better::neither, "brightness of a frame that is drawn; dark is negative",
       false},
      {"grid_energy", "grid energy", "", Better::lower,
       "periods of 2 and 4 pixels against their neighbours; 1 is none"},
      {"flicker", "flicker", "levels", Better::lower, "change of the result when the photo moves by a pixel"},
  };
  return kMetrics;
}

}  // namespace pocketstyle::evaluate
