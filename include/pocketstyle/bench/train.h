// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/bench/timing.h"
#include "pocketstyle/config/config.h"
#include "pocketstyle/run/phase_seconds.h"

#include <string>
#include <vector>

namespace pocketstyle::bench {

/// Steps of training, timed.
struct TrainTime {
  std::string loop;                      ///< "pocketstyle bf16", "pocketstyle fp32" or "textbook"
  std::string precision;                 ///< "bf16" or "fp32"
  results::Latency step{};               ///< of one step
  std::int64_t images = 0;               ///< a step
  run::PhaseSeconds phases{};            ///< the mean step
  double page_faults = 0;                ///< of the mean step: pages of memory fetched from the system
  double system_seconds = 0;             ///< of the mean step, on all cores together: fetching them, mostly
  double gflop_per_image = 0;            ///< that its convolutions really do, two a multiply-accumulate
  double loss_first = 0, loss_last = 0;  ///< of the batches, to see that all loops do the same work
  [[nodiscard]] double images_per_s() const { return 1000.0 * static_cast<double>(images) / step.median_ms; }
  [[nodiscard]] double gflops() const { return images_per_s() * gflop_per_image; }
};

struct TrainBench {
  config::Config config;  ///< a whole one; run.folder is not written to
  int warm_ups = 2, repeats = 10;
  bool baseline = false;         ///< the textbook loop too, in turn with ours
  bool both_precisions = false;  ///< fp32 beside bf16, where run.precision gives bf16
};

/// Times the loops step by step in turn. The textbook loop is what people write: LibTorch's modules in NCHW float32,
/// the C library's own ways with memory, VGG-16 up to relu4_3 for the content photos too, the style picture's features
/// anew each step, autograd for everything (its gradient for VGG-16's weights excepted). Photos come from the same
/// worker threads. Throws what Trainer's constructor throws.
std::vector<TrainTime> time_training(const TrainBench& bench);

}  // namespace pocketstyle::bench
