// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/media/image.h"

#include <cstdint>
#include <optional>

namespace pocketstyle::stylize {

/// How much a stylised video changes between frames where its source does not: flicker.
class StillChange {
 public:
  /// Adds the next frame. Requires: equal sizes, the same as those of the frame before.
  void add(media::Image source, media::Image result);
  /// The share of pixels of consecutive frames whose channels all changed by at most kStill levels. 0 before the second
  /// frame.
  [[nodiscard]] double share() const;
  /// For these pixels, the mean absolute change of the result's channels minus that of the source's, in levels of 255.
  /// Empty if there were no such pixels.
  [[nodiscard]] std::optional<double> change() const;

  static constexpr int kStill = 2;  ///< noise of a camera or codec

 private:
  media::Image source_, result_;
  std::int64_t pixels_ = 0, still_ = 0, source_sum_ = 0, result_sum_ = 0;
};

}  // namespace pocketstyle::stylize
