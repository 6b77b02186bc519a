// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/config/field_info.h"

#include <cstdint>
#include <filesystem>

namespace pocketstyle::config {

inline constexpr const char *kInitBase = "base", *kInitNone = "none";  ///< words for train.init

/// The optimisation.
struct TrainConfig {
  std::int64_t steps = 4000;
  double minutes = 0.0;
  std::int64_t batch = 4;
  std::int64_t accumulate = 1;
  double learning_rate = 2e-3;
  std::int64_t precondition_every = 10;
  std::int64_t warmup = 100;
  double final_rate = 0.02;
  double clip = 2;
  double output_fan_in = 300;
  double ema = 0.0;
  std::filesystem::path init = kInitBase;
  double collapse_factor = 4.0;
  std::int64_t max_rollbacks = 3;

  template <class V>
  void visit(V& v) {
    v.field("steps", steps, {.help = "optimiser steps", .min = 1, .max = kMany, .resume = Resume::may_change});
    v.field(
        "minutes", minutes,
        {.help = "time for the whole run: the first steps are timed to compute steps and the settings that depend on "
                 "it; 0: steps decides",
         .min = 0,
         .max = 1e6,
         .resume = Resume::may_end});
    v.field("batch", batch,
            {.help = "photos per batch; a step uses batch x accumulate photos",
             .min = 1,
             .max = 1024,
             .resume = Resume::photos_a_step});
    v.field("accumulate", accumulate,
            {.help = "batches whose gradients are averaged per step: a larger effective batch at no extra memory",
             .min = 1,
             .max = 1024,
             .resume = Resume::photos_a_step});
    v.field("learning_rate", learning_rate, {.help = "peak learning rate", .min = 1e-12, .max = 10});
    v.field("precondition_every", precondition_every,
            {.help = "SOAP, the optimiser, is Adam in bases that follow the gradients; steps between updates of the "
                     "bases. 0: plain Adam, which needs a lower learning rate",
             .min = 0,
             .max = kMany});
    v.field("warmup", warmup, {.help = "steps of linear warm-up", .min = 0, .max = kMany});
    v.field("final_rate", final_rate,
            {.help = "final learning rate as a fraction of the peak (cosine decay)", .min = 0, .max = 1});
    v.field("clip", clip,
            {.help = "maximum L2 norm of the gradient, as a multiple of its running mean; 0: no clipping",
             .min = 0,
             .max = 1e30});
    v.field("output_fan_in", output_fan_in,
            {.help = "the output layer's learning rate is scaled by min(1, this / fan-in); 0: not scaled",
             .min = 0,
             .max = kMany});
    v.field(
        "ema", ema,
        {.help =
             "decay of the exponential moving average (EMA) of the weights, which is saved; 0: save the last weights",
         .min = 0,
         .max = 0.99999});
    v.field("init", init,
            {.help = "initial weights. base: the shipped base network of this architecture, or random weights if there "
                     "is none; none: random weights; otherwise a run folder or weights file, pruned to the most "
                     "important channels if its network is larger",
             .choices = {kInitBase, kInitNone},
             .resume = Resume::may_change});
    v.field("collapse_factor", collapse_factor,
            {.help = "roll back when the smoothed loss exceeds its best value, or the first step's, by this factor",
             .min = 1.1,
             .max = kMany});
    v.field(
        "max_rollbacks", max_rollbacks,
        {.help = "stop with an error after this many rollbacks", .min = 0, .max = 100, .resume = Resume::may_change});
  }
};

}  // namespace pocketstyle::config
