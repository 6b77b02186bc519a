// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/core/error.h"
#include "pocketstyle/stylize/options.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace pocketstyle::stylize {

class StyleModel;

struct PhotoJob {
  std::filesystem::path photo, result;
};

/// The result for one photo.
struct PhotoOutcome {
  PhotoJob job;
  std::int64_t width = 0, height = 0;  ///< of the result
  double milliseconds = 0;             ///< time in the network, without reading and writing
  std::string profile{};               ///< colour profile that the photo was converted from; empty: it was sRGB
  std::optional<Error> error{};        ///< why there is no result
};

/// Stylises photos; transparency is kept if the result's format supports it. While the network works on one, other
/// threads read the next and write the previous one, so at most three photos are in memory. `report` is called for each
/// photo when it is done, in order, by one thread at a time but not always the same one; a photo that fails is reported
/// like the others. An exception other than Error stops the work and is thrown when the threads have ended.
void stylize_photos(StyleModel& model, const std::vector<PhotoJob>& jobs, const StylizeOptions& options, int quality,
                    const std::function<void(const PhotoOutcome&)>& report);

}  // namespace pocketstyle::stylize
