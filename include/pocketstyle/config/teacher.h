// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/config/field_info.h"

#include <filesystem>

namespace pocketstyle::config {

/// Distillation: learning from a trained network in addition to the perceptual loss (Hinton et al. 2015).
struct TeacherConfig {
  std::filesystem::path net;
  double output = 50.0;
  double features = 0.0;

  template <class V>
  void visit(V& v) {
    v.field("net", net, {.help = "teacher network for distillation, a run folder or weights file; empty: none"});
    v.field(
        "output", output,
        {.help = "weight of the mean squared difference from the teacher's output (0..255)", .min = 0, .max = kMany});
    v.field("features", features,
            {.help = "weight of the mean squared difference from the VGG features of the teacher's output at relu2_2 "
                     "and relu3_3",
             .min = 0,
             .max = kMany});
  }
};

}  // namespace pocketstyle::config
