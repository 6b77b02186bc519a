// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/config/data.h"
#include "pocketstyle/config/loss.h"
#include "pocketstyle/config/net.h"
#include "pocketstyle/config/run.h"
#include "pocketstyle/config/style.h"
#include "pocketstyle/config/teacher.h"
#include "pocketstyle/config/temporal.h"
#include "pocketstyle/config/train.h"

namespace pocketstyle::config {

/// A complete configuration, as in a YAML file.
struct Config {
  NetConfig net;
  StyleConfig style;
  DataConfig data;
  LossConfig loss;
  TeacherConfig teacher;
  TemporalConfig temporal;
  TrainConfig train;
  RunConfig run;

  template <class V>
  void visit(V& v) {
    v.section("net", net, "the network");
    v.section("style", style, "the style picture");
    v.section("data", data, "the photos");
    v.section("loss", loss, "the perceptual loss (Johnson et al. 2016)");
    v.section("teacher", teacher, "distillation from a teacher network");
    v.section("temporal", temporal, "temporal consistency between video frames");
    v.section("train", train, "optimisation");
    v.section("run", run, "output, device, reproducibility and intervals");
  }
};

}  // namespace pocketstyle::config
