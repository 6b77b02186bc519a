// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/config/config.h"

#include <cstdint>
#include <vector>

namespace pocketstyle::train {

/// How long the parts of a run take, in seconds; 0: not measured.
struct Pace {
  double step = 0, validation = 0, preview = 0, checkpoint = 0;
};

/// The largest total number of steps, give or take a few, with which a run that has done `done` steps ends within
/// `seconds` from now, including validation losses, previews and checkpoints; `done` if there is no time for more.
std::int64_t fitting_steps(const config::Config& config, std::int64_t done, double seconds, const Pace& pace);

/// Sets the number of steps and adapts the settings that depend on it: limits the warm-up to a tenth of the steps, and
/// the intervals of validation losses, previews, checkpoints and metrics so that a short run has some of each.
/// Idempotent.
void set_planned_steps(config::Config& config, std::int64_t steps);

/// Measures the speed of a run's first steps.
class SpeedMeter {
 public:
  void add(double seconds);
  /// Whether the steps so far are enough to plan a run of `budget` seconds.
  [[nodiscard]] bool is_enough(double budget) const;
  /// The median, without the first steps, which allocate memory and choose kernels, unless there are no others.
  [[nodiscard]] double seconds_per_step() const;

 private:
  std::vector<double> seconds_;
};

}  // namespace pocketstyle::train
