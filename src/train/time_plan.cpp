// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/train/time_plan.h"

#include <algorithm>
#include <cstddef>

namespace pocketstyle::train {
namespace {

// Minimum numbers per run, however short it is.
constexpr std::int64_t kValidations = 4, kPreviews = 8, kCheckpoints = 8, kLines = 20;
constexpr std::int64_t kStepsPerWarmup = 10;  // minimum

constexpr double kMostSteps = 1e9;
constexpr std::size_t kSkipped = 2, kFewest = 3, kMost = 20;  // steps: not measured; measured, at least and at most
constexpr double kShare = 0.04;                               // of the budget: enough time to measure

/// Number of events after step `done` that come every `every` steps and at the end.
std::int64_t count_due(std::int64_t done, std::int64_t steps, std::int64_t every) {
  if (steps <= done) return 1;  // there and then
  return every == 0 ? 1 : steps / every - done / every + (steps % every == 0 ? 0 : 1);
}

double seconds_until(config::Config config, std::int64_t done, std::int64_t steps, const Pace& pace) {
  set_planned_steps(config, steps);
  const auto part = [&](std::int64_t every, double seconds) {
    return seconds * static_cast<double>(count_due(done, steps, every));
  };
  return static_cast<double>(steps - done) * pace.step + part(config.run.evaluate_every, pace.validation) +
         part(config.run.preview_every, pace.preview) + part(config.run.checkpoint_every, pace.checkpoint);
}

}  // namespace

void set_planned_steps(config::Config& config, std::int64_t steps) {
  const auto at_least = [&](std::int64_t& every, std::int64_t times) {
    if (every > 0) every = std::min(every, std::max<std::int64_t>(1, steps / times));
  };
  config.train.steps = steps;
  config.train.warmup = std::min(config.train.warmup, steps / kStepsPerWarmup);
  at_least(config.run.evaluate_every, kValidations);
  at_least(config.run.preview_every, kPreviews);
  at_least(config.run.checkpoint_every, kCheckpoints);
  at_least(config.run.log_every, kLines);
}

std::int64_t fitting_steps(const config::Config& config, std::int64_t done, double seconds, const Pace& pace) {
  const double without_rest = pace.step > 0 ? std::max(0.0, seconds) / pace.step : kMostSteps;
  std::int64_t fits = done, too_many = done + 1 + static_cast<std::int64_t>(std::min(without_rest, kMostSteps));
  while (too_many - fits > 1) {
    const std::int64_t middle = fits + (too_many - fits) / 2;
    (seconds_until(config, done, middle, pace) <= seconds ? fits : too_many) = middle;
  }
  return fits;
}

void SpeedMeter::add(double seconds) {
  seconds_.push_back(seconds);
}

bool SpeedMeter::is_enough(double budget) const {
  if (seconds_.size() < kSkipped + kFewest) return false;
  double measured = 0;
  for (std::size_t i = kSkipped; i < seconds_.size(); ++i) measured += seconds_[i];
  return seconds_.size() >= kSkipped + kMost || measured >= kShare * budget;
}

double SpeedMeter::seconds_per_step() const {
  if (seconds_.empty()) return 0;
  std::vector<double> sorted(seconds_.begin() + static_cast<std::ptrdiff_t>(seconds_.size() > kSkipped ? kSkipped : 0),
                             seconds_.end());
  const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2);
  std::nth_element(sorted.begin(), middle, sorted.end());
  return *middle;
}

}  // namespace pocketstyle::train
