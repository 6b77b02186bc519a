// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/config/field_info.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace pocketstyle::config {

/// The style picture, or several blended.
struct StyleConfig {
  std::filesystem::path image;
  std::vector<std::filesystem::path> more;
  std::vector<double> weights;
  std::int64_t size = 384;
  bool trim = true;
  std::string colors = "own";
  double contrast = 1.3;

  template <class V>
  void visit(V& v) {
    v.field("image", image, {.help = "style picture (required)"});
    v.field("more", more, {.help = "more style pictures to blend with the first"});
    v.field("weights", weights,
            {.help = "blend weight of each style picture, starting with image; empty: equal weights",
             .min = 0,
             .max = kMany});
    v.field("size", size,
            {.help = "long side in pixels to which the style picture is resized; larger gives finer strokes",
             .min = 32,
             .max = 8192});
    v.field("trim", trim,
            {.help = "crop off a plain dark or light frame, which the network would otherwise learn to draw"});
    v.field("colors", colors,
            {.help = "own: the style picture's colours; photos: shift them to match the training photos",
             .choices = {"own", "photos"}});
    v.field("contrast", contrast,
            {.help = "with its own colours, factor of the style picture's contrast and saturation, since networks' "
                     "pictures are paler than it; 1: as it is",
             .min = 0.1,
             .max = 10});
  }
};

}  // namespace pocketstyle::config
