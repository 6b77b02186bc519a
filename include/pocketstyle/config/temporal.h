// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/config/field_info.h"

#include <cstdint>

namespace pocketstyle::config {

/// Temporal consistency for video: a small change of the photo should cause no larger change of the output (Rainy and
/// de Berker 2018; Wang et al. 2020).
struct TemporalConfig {
  double weight = 0.0;
  double noise = 8.0;
  std::int64_t shift = 2;

  template <class V>
  void visit(V& v) {
    v.field(
        "weight", weight,
        {.help = "weight of the mean squared difference between the output for a photo and the output, shifted back, "
                 "for the photo shifted and with noise; 0: off",
         .min = 0,
         .max = kMany});
    v.field("noise", noise, {.help = "maximum noise amplitude, in levels of 255", .min = 0, .max = 255});
    v.field("shift", shift, {.help = "maximum shift along each axis, in pixels", .min = 0, .max = 64});
  }
};

}  // namespace pocketstyle::config
