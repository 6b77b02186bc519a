// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

namespace pocketstyle::stylize {

struct StylizeOptions {
  std::optional<std::int64_t> size;           ///< long side of the result in pixels; without it the photo's own size
  bool keep_colors = false;                   ///< the photo's colours, the style's strokes
  double strength = 1.0;                      ///< 0: the photo, 1: the style
  std::optional<std::uint64_t> memory_bytes;  ///< that the process may take; without it most of what is free
};

}  // namespace pocketstyle::stylize
