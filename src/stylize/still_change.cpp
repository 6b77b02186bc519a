// SPDX-License-Identifier: Apache-2.0
#include "stylize/still_change.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace pocketstyle::stylize {

void StillChange::add(media::Image source, media::Image result) {
  for (std::size_t i = 0; i + 2 < source_.rgb_hwc.size(); i += 3) {
    int source_change = 0, result_change = 0, largest = 0;
    for (std::size_t c = i; c < i + 3; ++c) {
      const int change = std::abs(source.rgb_hwc[c] - source_.rgb_hwc[c]);
      source_change += change;
      largest = std::max(largest, change);
      result_change += std::abs(result.rgb_hwc[c] - result_.rgb_hwc[c]);
    }
    ++pixels_;
    if (largest > kStill) continue;
    ++still_;
    source_sum_ += source_change;
    result_sum_ += result_change;
  }
  source_ = std::move(source);
  result_ = std::move(result);
}

double StillChange::share() const {
  return pixels_ == 0 ? 0 : static_cast<double>(still_) / static_cast<double>(pixels_);
}

std::optional<double> StillChange::change() const {
  if (still_ == 0) return {};
  return static_cast<double>(result_sum_ - source_sum_) / static_cast<double>(3 * still_);
}

}  // namespace pocketstyle::stylize
