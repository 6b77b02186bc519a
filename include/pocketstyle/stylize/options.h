// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

namespace pocketstyle::stylize {

struct StylizeOptions {
  std::optional<std::int64_t> size;           ///< long side of the result in pixels; unset: the photo's size
  double style_scale = 1.0;                   ///< size of the strokes: the network sees the photo at 1/this size
  bool keep_colors = false;                   ///< keep the photo's colours
  double strength = 1.0;                      ///< 0: the photo, 1: the style
  std::optional<std::uint64_t> memory_bytes;  ///< memory limit of the process; unset: most of the free memory
};

}  // namespace pocketstyle::stylize
