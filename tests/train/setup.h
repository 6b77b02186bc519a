// SPDX-License-Identifier: Apache-2.0
#pragma once
// The smallest run that trains, for the tests of the trainer.

#include "support/small_run.h"

#include "pocketstyle/train/trainer.h"

#include <atomic>

namespace pocketstyle::testing {

using Setup = SmallRun;

/// Sets `flag` after a number of steps, as a signal would.
struct StopAfter : train::Observer {
  StopAfter(std::int64_t after, std::atomic<bool>& stop_flag) : step(after), flag(stop_flag) {}
  void on_step(const train::StepReport& report) override {
    if (report.step == step) flag = true;
  }
  std::int64_t step;
  std::atomic<bool>& flag;
};

inline bool same_weights(const nn::StyleNet& a, const nn::StyleNet& b) {
  const auto pa = a->parameters(), pb = b->parameters();
  for (std::size_t i = 0; i < pa.size(); ++i)
    if (!torch::equal(pa[i], pb[i])) return false;
  return pa.size() == pb.size();
}

inline const std::atomic<bool> kNever{false};

}  // namespace pocketstyle::testing
