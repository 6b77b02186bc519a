// SPDX-License-Identifier: Apache-2.0
// The number of steps for train.minutes.
#include "pocketstyle/core/log.h"
#include "pocketstyle/run/metrics.h"
#include "pocketstyle/train/schedule.h"
#include "pocketstyle/train/trainer.h"

#include <cstdint>
#include <limits>

namespace pocketstyle::train {

double Trainer::spent_seconds() const {
  return spent_before_ + std::chrono::duration<double>(std::chrono::steady_clock::now() - created_).count();
}

double Trainer::seconds_left() const {
  return measuring() ? 60 * config_.train.minutes - spent_seconds() : 0;
}

void Trainer::measure(double seconds_of_step) {
  speed_.add(seconds_of_step);
  const double left = seconds_left();
  std::int64_t steps = 0;  // not known yet
  if (speed_.is_enough(60 * config_.train.minutes) || left <= 0) {
    pace_.step = speed_.seconds_per_step();
    // Not measured in this process if the run was resumed.
    if (pace_.validation == 0 && !validation_photos_.empty()) pace_.validation = pace_.step;
    steps = fitting_steps(config_, state_.step, left, pace_);
    if (left <= 0 && group_->leader())
      log()->warn("[train] {:g} minutes were over after {} steps; expected a larger train.minutes",
                  config_.train.minutes, state_.step);
  }
  // Clocks and speeds differ between processes: rank 0 decides.
  torch::Tensor decided = torch::tensor({steps}, torch::kInt64);
  group_->broadcast(decided);
  steps = decided.item<std::int64_t>();
  if (steps == 0) return;

  state_.planned_steps = steps;
  state_.spent_seconds = spent_seconds();
  adopt_plan();
  checkpoint();  // from now on, resuming keeps this number of steps
  const run::PlanRecord plan{.step = state_.step,
                             .steps = steps,
                             .minutes = config_.train.minutes,
                             .seconds_per_step = pace_.step,
                             .seconds_left = left};
  for (Observer* observer : observers_) observer->on_plan(plan, config_, provenance_);
}

double Trainer::rate_now() const {
  config::TrainConfig train = config_.train;
  if (measuring()) train.steps = std::numeric_limits<std::int32_t>::max();
  return learning_rate(train, state_.step);
}

void Trainer::adopt_plan() {
  if (state_.planned_steps == 0) return;
  config::Config planned = config_;
  set_planned_steps(planned, state_.planned_steps);
  if (config_.train.minutes > 0)
    config_ = planned;
  else  // replaced by a number of steps: keep the schedule of the past steps only
    config_.train.warmup = planned.train.warmup;
  if (!provenance_.empty()) provenance_ = run::with_steps(provenance_, config_.train.steps);
}

}  // namespace pocketstyle::train
