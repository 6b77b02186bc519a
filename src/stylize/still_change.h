// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/media/image.h"

#include <cstdint>
#include <optional>

namespace pocketstyle::stylize {

/// How much a stylised video changes from frame to frame where its source stands still: flicker.
class StillChange {
 public:
  /// The next frame. Requires: equal sizes, those of the frame before.
  void add(media::Image source, media::Image result);
  /// Of all pixels of two frames in a row, those whose channels all changed by kStill levels or less. 0 before the
  /// second frame.
  [[nodiscard]] double share() const;
  /// There, the mean absolute change of the result's channels less that of the source's, in levels of 255. Nothing if
  /// no pixel stood still.
  [[nodiscard]] std::optional<double> change() const;

  static constexpr int kStill = 2;  ///< what a camera's noise or a codec may do

 private:
  media::Image source_, result_;
  std::int64_t pixels_ = 0, still_ = 0, source_sum_ = 0, result_sum_ = 0;
};

}  // namespace pocketstyle::stylize
