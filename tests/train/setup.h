// SPDX-License-Identifier: Apache-2.0
#pragma once
// The smallest run that trains, for the tests of the trainer.

#include "support/catch.h"
#include "support/small_run.h"

#include "pocketstyle/train/trainer.h"

#include <atomic>
#include <vector>

namespace pocketstyle::testing {

using Setup = SmallRun;

inline const std::atomic<bool> kNever{false};

/// Another number of LibTorch's threads for a while.
class Threads {
 public:
  explicit Threads(int count) : before_(torch::get_num_threads()) { torch::set_num_threads(count); }
  ~Threads() { torch::set_num_threads(before_); }
  Threads(const Threads&) = delete;
  Threads& operator=(const Threads&) = delete;

 private:
  int before_;
};

/// Sets `flag` after a number of steps, as a signal would.
struct StopAfter : train::Observer {
  StopAfter(std::int64_t after, std::atomic<bool>& stop_flag) : step(after), flag(stop_flag) {}
  void on_step(const train::StepReport& report) override {
    if (report.step == step) flag = true;
  }
  std::int64_t step;
  std::atomic<bool>& flag;
};

/// Trains until `step`, and stops there as on a signal.
inline void train_and_stop(const config::Config& config, std::int64_t step) {
  std::atomic<bool> stop{false};
  StopAfter observer(step, stop);
  train::Trainer trainer(config, /*resume=*/false);
  trainer.add_observer(observer);
  CHECK_FALSE(trainer.run(stop));
  CHECK(trainer.state().step == step);
}

/// Trains to the end; the losses of every step.
inline std::vector<run::LossTerms> train_to_end(const config::Config& config) {
  struct Losses : train::Observer {
    void on_step(const train::StepReport& report) override { values.push_back(report.loss); }
    std::vector<run::LossTerms> values;
  } losses;
  train::Trainer trainer(config, /*resume=*/false);
  trainer.add_observer(losses);
  REQUIRE(trainer.run(kNever));
  return losses.values;
}

inline bool same_weights(const nn::StyleNet& a, const nn::StyleNet& b) {
  const auto pa = a->parameters(), pb = b->parameters();
  for (std::size_t i = 0; i < pa.size(); ++i)
    if (!torch::equal(pa[i], pb[i])) return false;
  return pa.size() == pb.size();
}

}  // namespace pocketstyle::testing
