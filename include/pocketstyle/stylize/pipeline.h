// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/core/error.h"
#include "pocketstyle/stylize/options.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <vector>

namespace pocketstyle::stylize {

class StyleModel;

struct PhotoJob {
  std::filesystem::path photo, result;
};

/// What became of a photo.
struct PhotoOutcome {
  PhotoJob job;
  std::int64_t width = 0, height = 0;  ///< of the result
  double milliseconds = 0;             ///< in the network, without reading and writing
  std::optional<Error> error{};        ///< why there is no result
};

/// Photos through the style. While the network works on one, other threads read the next and write the last, so
/// three photos are in memory at most. `report` hears of each photo when it is done, in their order, from one thread at
/// a time but not always the same; a photo that fails is reported like the others. What is not an Error ends the work:
/// it is thrown when the threads have ended.
void stylize_photos(StyleModel& model, const std::vector<PhotoJob>& jobs, const StylizeOptions& options, int quality,
                    const std::function<void(const PhotoOutcome&)>& report);

}  // namespace pocketstyle::stylize
