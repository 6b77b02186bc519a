// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/config/field_info.h"

#include <cstdint>
#include <filesystem>
#include <string>

namespace pocketstyle::config {

/// A run: its folder, its seed, what it computes with, and what it writes how often.
struct RunConfig {
  std::filesystem::path folder = "runs/style";
  std::int64_t seed = 1;
  std::string device = "auto";
  std::string precision = "auto";
  bool winograd = true;
  std::int64_t threads = 0;
  std::int64_t log_every = 10;
  std::int64_t evaluate_every = 500;
  std::int64_t preview_every = 500;
  std::int64_t preview_photos = 4;
  std::int64_t checkpoint_every = 250;
  std::int64_t keep = 2;

  template <class V>
  void visit(V& v) {
    v.field("folder", folder, {.help = "output folder of the run", .resume = Resume::may_change});
    v.field("seed", seed, {.help = "random seed for initial weights, photo order and crops", .min = 0, .max = 9e15});
    v.field("device", device,
            {.help = "device to train on",
             .choices = {"auto", "cpu", "cuda"},
             .resume = Resume::may_change,
             .per_process = true});
    v.field("precision", precision,
            {.help = "precision of convolutions; auto: bf16 if the CPU supports it. Weights, norms and sums stay fp32",
             .choices = {"auto", "fp32", "bf16"},
             .resume = Resume::may_change,
             .per_process = true});
    v.field(
        "winograd", winograd,
        {.help = "fp32 on AVX2 or better: 3x3 convolutions by Winograd's method, several times as fast and equal up to "
                 "rounding; not where validation losses are measured",
         .resume = Resume::may_change,
         .per_process = true});
    v.field("threads", threads,
            {.help = "CPU threads; 0: one per core",
             .min = 0,
             .max = 1024,
             .resume = Resume::may_change,
             .per_process = true});
    v.field("log_every", log_every,
            {.help = "steps between metrics records",
             .min = 1,
             .max = kMany,
             .resume = Resume::may_change,
             .per_process = true});
    v.field("evaluate_every", evaluate_every,
            {.help = "steps between evaluations of the validation loss; 0: only at the start and end",
             .min = 0,
             .max = kMany,
             .resume = Resume::may_change});
    v.field("preview_every", preview_every,
            {.help = "steps between previews; 0: only at the end",
             .min = 0,
             .max = kMany,
             .resume = Resume::may_change,
             .per_process = true});
    v.field("preview_photos", preview_photos,
            {.help = "number of validation photos in previews and the contact sheet",
             .min = 1,
             .max = 16,
             .resume = Resume::may_change,
             .per_process = true});
    v.field("checkpoint_every", checkpoint_every,
            {.help = "steps between checkpoints",
             .min = 1,
             .max = kMany,
             .resume = Resume::may_change,
             .per_process = true});
    v.field("keep", keep,
            {.help = "number of recent checkpoints to keep, besides the best one",
             .min = 1,
             .max = 100000,
             .resume = Resume::may_change,
             .per_process = true});
  }
};

}  // namespace pocketstyle::config
