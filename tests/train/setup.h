// SPDX-License-Identifier: Apache-2.0
#pragma once
// The smallest training run, for the tests of the trainer.

#include "support/catch.h"
#include "support/small_run.h"

#include "pocketstyle/train/trainer.h"

#include <atomic>
#include <functional>
#include <memory>
#include <vector>

namespace pocketstyle::testing {

using Setup = SmallRun;

inline const std::atomic<bool> kNever{false};

/// Temporarily changes LibTorch's number of threads.
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

/// Trains to the end; returns the losses of every step.
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

/// Trains a run without a break, and one with the same settings that is stopped after a step and resumed to its end.
struct UnbrokenAndResumed {
  using Settings = std::function<void(config::Config&)>;
  UnbrokenAndResumed(std::int64_t stop_at, const Settings& of_both, const Settings& of_second = {}) {
    of_both(first.config), of_both(second.config);
    if (of_second) of_second(second.config);
    unbroken = std::make_unique<train::Trainer>(first.config, /*resume=*/false);
    REQUIRE(unbroken->run(kNever));
    train_and_stop(second.config, stop_at);
    resumed = std::make_unique<train::Trainer>(second.config, /*resume=*/true);
    CHECK(resumed->state().step == stop_at);
    REQUIRE(resumed->run(kNever));
  }
  Setup first, second;
  std::unique_ptr<train::Trainer> unbroken, resumed;
};

/// Settings with which the loss goes up and down at once, and a collapse is noticed.
inline void make_collapse(config::Config& config) {
  config.train.steps = 400;
  config.train.warmup = 0;
  config.train.clip = 0;
  config.train.learning_rate = 10;
  config.train.collapse_factor = 1.1;
  config.run.checkpoint_every = 100;
  config.run.evaluate_every = 0;
}

inline bool same_weights(const nn::StyleNet& a, const nn::StyleNet& b) {
  const auto pa = a->parameters(), pb = b->parameters();
  for (std::size_t i = 0; i < pa.size(); ++i)
    if (!torch::equal(pa[i], pb[i])) return false;
  return pa.size() == pb.size();
}

}  // namespace pocketstyle::testing
