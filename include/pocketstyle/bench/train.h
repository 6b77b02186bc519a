// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/bench/timing.h"
#include "pocketstyle/config/config.h"
#include "pocketstyle/run/phase_seconds.h"

#include <string>
#include <vector>

namespace pocketstyle::bench {

/// Timing of training steps.
struct TrainTime {
  std::string loop;                      ///< "pocketstyle bf16", "pocketstyle fp32", "direct fp32" or "textbook"
  std::string precision;                 ///< "bf16" or "fp32"
  results::Latency step{};               ///< per step
  std::int64_t images = 0;               ///< per step
  run::PhaseSeconds phases{};            ///< mean per step
  double page_faults = 0;                ///< mean per step: memory pages requested from the system
  double system_seconds = 0;             ///< mean per step, over all cores; mostly page faults
  double cpu_seconds = 0;                ///< mean per step, over all cores
  double gflop_per_image = 0;            ///< of its convolutions if computed directly, two per multiply-accumulate
  double loss_first = 0, loss_last = 0;  ///< to verify that all loops do the same work
  [[nodiscard]] double images_per_s() const { return 1000.0 * static_cast<double>(images) / step.median_ms; }
  [[nodiscard]] double gflops() const { return images_per_s() * gflop_per_image; }
};

struct TrainBench {
  config::Config config;  ///< must be complete; nothing is written to run.folder
  int warm_ups = 2, repeats = 10;
  bool baseline = false;         ///< also time the textbook loop, taking turns with ours
  bool both_precisions = false;  ///< also time fp32 where run.precision gives bf16
  bool direct = false;           ///< also time fp32 without Winograd's method
};

/// Times the loops step by step, taking turns. The textbook loop is the common way to write one: LibTorch's modules in
/// NCHW float32, the C library's default memory settings, VGG-16 up to relu4_3 for the content photos too, the style
/// features recomputed in each step, autograd for everything (but no gradient for VGG-16's weights). Photos come from
/// the same worker threads. With it, ours takes steps of plain Adam too. Throws UsageError for settings that the
/// textbook loop does not support (several style pictures, layer weights, a teacher and others), and what Trainer's
/// constructor throws.
std::vector<TrainTime> time_training(TrainBench bench);

}  // namespace pocketstyle::bench
