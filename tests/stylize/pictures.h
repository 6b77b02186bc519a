// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/media/image.h"
#include "pocketstyle/stylize/stylize.h"

#include <algorithm>

namespace pocketstyle::testing {

/// A picture with all levels from black to white, the same every time.
inline media::Image photo(std::int64_t width, std::int64_t height) {
  media::Image image(width, height);
  for (std::size_t i = 0; i < image.rgb_hwc.size(); ++i) image.rgb_hwc[i] = static_cast<std::uint8_t>(i * 7 % 251);
  return image;
}

/// Turns every picture into its negative.
class Negative : public stylize::StyleModel {
 public:
  torch::Tensor run(const torch::Tensor& photo_nchw255) override {
    TORCH_CHECK(std::min(photo_nchw255.size(2), photo_nchw255.size(3)) >= min_side());
    return 255.0 - photo_nchw255;
  }
  [[nodiscard]] std::int64_t min_side() const override { return 8; }
};

}  // namespace pocketstyle::testing
