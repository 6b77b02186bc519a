// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/train/time_plan.h"

#include "support/catch.h"
#include "train/setup.h"

#include "pocketstyle/config/load.h"
#include "pocketstyle/nn/weights.h"
#include "pocketstyle/run/folder.h"
#include "pocketstyle/run/metrics.h"
#include "pocketstyle/train/recorder.h"

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>

using namespace pocketstyle;
using testing::contains;
using testing::error_of;
using testing::kNever;
using testing::same_weights;
using testing::Setup;

namespace {

/// Step by step, as the trainer goes.
double simulated_seconds(const config::Config& config, std::int64_t done, std::int64_t steps, const train::Pace& pace) {
  config::Config planned = config;
  train::set_planned_steps(planned, steps);
  double seconds = 0;
  for (std::int64_t step = done + 1; step <= steps; ++step) {
    const auto due = [&](std::int64_t every) { return step == steps || (every > 0 && step % every == 0); };
    seconds += pace.step;
    if (due(planned.run.evaluate_every)) seconds += pace.validation;
    if (due(planned.run.preview_every)) seconds += pace.preview;
    if (due(planned.run.checkpoint_every)) seconds += pace.checkpoint;
  }
  return seconds;
}

constexpr double kMinutes = 0.02;  // 1.2 s

struct TimedSetup : Setup {
  TimedSetup() {
    config.train.minutes = kMinutes;
    config.run.keep = 1000;
  }
};

/// Remembers the plan.
struct Plan : train::Observer {
  void on_plan(const run::PlanRecord& record, const config::Config& config, const std::string&) override {
    plan = record;
    CHECK(config.train.steps == record.steps);
    ++plans;
  }
  run::PlanRecord plan;
  int plans = 0;
};

}  // namespace

TEST_CASE("as many steps as fit, with validation losses, previews and checkpoints") {
  config::Config config;
  config.run.evaluate_every = 0;
  config.run.preview_every = 0;
  config.run.checkpoint_every = 1000;
  const auto fitting = [&](std::int64_t done, double seconds, const train::Pace& pace) {
    return train::fitting_steps(config, done, seconds, pace);
  };
  CHECK(fitting(10, 100, {.step = 1}) == 110);
  CHECK(fitting(10, 100, {.step = 1, .validation = 20}) == 90);  // one, at the end
  config.run.checkpoint_every = 10;
  CHECK(fitting(0, 100, {.step = 0.25, .checkpoint = 1}) == 284);  // 71 s of steps, 29 checkpoints
  CHECK(fitting(10, 0.5, {.step = 1}) == 10);
  CHECK(fitting(10, -3, {.step = 1}) == 10);
  config = {};
  for (const double seconds : {30.0, 300.0, 3600.0})
    for (const train::Pace& pace :
         {train::Pace{1.1, 4, 0.5, 0.1}, train::Pace{8, 20, 3, 1}, train::Pace{0.02, 1, 1, 1}}) {
      INFO(seconds << " s, " << pace.step << " s a step");
      const std::int64_t steps = fitting(5, seconds, pace);
      CHECK((steps == 5 || simulated_seconds(config, 5, steps, pace) <= seconds + 1e-6));
      CHECK(simulated_seconds(config, 5, steps + 1, pace) > seconds - 1e-6);
    }
}

TEST_CASE("a plan's schedule fits its steps, and is the same if it is made again") {
  config::Config config;
  train::set_planned_steps(config, 250);
  CHECK(config.train.steps == 250);
  CHECK(config.train.warmup == 25);
  CHECK(config.run.evaluate_every == 62);
  CHECK(config.run.preview_every == 31);
  CHECK(config.run.checkpoint_every == 31);
  CHECK(config.run.log_every == 10);
  const std::string once = config::to_yaml(config, false);
  train::set_planned_steps(config, 250);
  CHECK(config::to_yaml(config, false) == once);
  config = {};
  config.run.evaluate_every = 0;
  train::set_planned_steps(config, 100000);
  CHECK(config.train.warmup == 100);
  CHECK(config.run.evaluate_every == 0);
  train::set_planned_steps(config, 3);
  CHECK(config.train.warmup == 0);
  CHECK(config.run.checkpoint_every == 1);
}

TEST_CASE("the speed is the median, without the first steps") {
  train::SpeedMeter speed;
  CHECK(speed.seconds_per_step() == 0);
  speed.add(9);
  CHECK(speed.seconds_per_step() == 9);  // better than nothing
  for (const double seconds : {5.0, 1.0, 1.2}) speed.add(seconds);
  CHECK_FALSE(speed.is_enough(60));  // too few, however long
  speed.add(7);
  CHECK(speed.seconds_per_step() == 1.2);
  CHECK(speed.is_enough(60));
  CHECK_FALSE(speed.is_enough(3600));
  for (int i = 0; i < 17; ++i) speed.add(1);
  CHECK(speed.is_enough(3600));
}

TEST_CASE("a timed run plans its steps once, writes them down, and ends with them") {
  const TimedSetup setup;
  Plan seen;
  const auto start = std::chrono::steady_clock::now();
  train::Trainer trainer(setup.config, /*resume=*/false);
  CHECK(trainer.measuring());
  train::Recorder recorder(setup.config, 0, false, trainer.preview_photos(), trainer.provenance_json());
  trainer.add_observer(recorder);
  trainer.add_observer(seen);
  REQUIRE(trainer.run(kNever));
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  CHECK(seen.plans == 1);
  CHECK(trainer.state().step == seen.plan.steps);
  CHECK(trainer.config().train.steps == seen.plan.steps);
  CHECK(took.count() < 10 * 60 * kMinutes);  // however busy the machine is
  CHECK(contains(trainer.provenance_json(), fmt::format("\"steps\":{},", seen.plan.steps)));
  const std::filesystem::path folder = setup.config.run.folder;
  CHECK(std::filesystem::exists(run::checkpoint_path(folder, seen.plan.step)));
  CHECK(config::load_config(folder / run::kConfigName).train.steps == seen.plan.steps);
  int written = 0;
  for (const auto& record : run::read_metrics(folder / run::kMetricsName))
    if (const auto* plan = std::get_if<run::PlanRecord>(&record)) written += plan->steps == seen.plan.steps ? 1 : 0;
  CHECK(written == 1);
}

TEST_CASE("a timed run that goes on takes the steps that were written down, and ends with the same weights") {
  TimedSetup setup;
  Plan seen;
  train::Trainer unbroken(setup.config, /*resume=*/false);
  unbroken.add_observer(seen);
  REQUIRE(unbroken.run(kNever));
  // As if it had been killed just after the plan.
  for (const auto& path : run::list_checkpoints(setup.config.run.folder))
    if (run::checkpoint_path({}, seen.plan.step).filename() < path.filename()) std::filesystem::remove(path);
  setup.config.train.steps = 3;  // counts for nothing
  train::Trainer second(setup.config, /*resume=*/true);
  CHECK_FALSE(second.measuring());
  CHECK(second.state().step == seen.plan.step);
  Plan again;
  second.add_observer(again);
  REQUIRE(second.run(kNever));
  CHECK(again.plans == 0);
  CHECK(second.state().step == seen.plan.steps);
  CHECK(same_weights(unbroken.net(), second.net()));

  setup.config.train.minutes = 2 * kMinutes;
  CHECK(contains(error_of([&] { train::Trainer(setup.config, true); }), "another train.minutes ("));
  setup.config.train.minutes = 0;
  setup.config.train.steps = seen.plan.steps + 2;
  train::Trainer longer(setup.config, /*resume=*/true);
  REQUIRE(longer.run(kNever));
  CHECK(longer.state().step == seen.plan.steps + 2);
}

TEST_CASE("a run that is stopped while it is measured goes on being measured, in the time that is left") {
  struct StopWithPlan : Plan {
    void on_plan(const run::PlanRecord& record, const config::Config& config, const std::string& provenance) override {
      Plan::on_plan(record, config, provenance);
      stop = true;
    }
    std::atomic<bool> stop{false};
  } seen;
  TimedSetup setup;
  setup.config.train.minutes = 5;
  testing::train_and_stop(setup.config, 2);
  train::Trainer trainer(setup.config, /*resume=*/true);
  CHECK(trainer.measuring());
  CHECK(trainer.state().spent_seconds > 0);
  CHECK(trainer.seconds_left() < 300 - trainer.state().spent_seconds);
  trainer.add_observer(seen);
  CHECK_FALSE(trainer.run(seen.stop));
  CHECK(seen.plans == 1);
  CHECK(seen.plan.step > 2);
  CHECK(seen.plan.seconds_left < 300);
  CHECK(trainer.state().planned_steps == seen.plan.steps);
}

TEST_CASE("without time for more, a run ends with the steps that were measured") {
  TimedSetup setup;
  setup.config.train.minutes = 1e-9;
  train::Trainer trainer(setup.config, /*resume=*/false);
  REQUIRE(trainer.run(kNever));
  CHECK(trainer.state().step == 1);
  CHECK(trainer.state().planned_steps == 1);
}

TEST_CASE("a run begins with the base network of its architecture, or with random weights") {
  Setup setup;
  ::setenv("POCKETSTYLE_ASSETS", (setup.folder / "third_party").c_str(), 1);
  setup.config.net = {.preset = "micro", .kernel = {}, .widths = {}, .block = {}, .blocks = {}, .mid = {}};
  setup.config.train.init = config::kInitBase;
  torch::manual_seed(77);
  const nn::StyleNet base(setup.config.net.architecture());
  const auto file = setup.folder / "models/base/micro.safetensors";
  nn::save_net(file, base, {});
  {
    const train::Trainer trainer(setup.config, false);
    CHECK(same_weights(trainer.net(), base));
    CHECK(contains(trainer.provenance_json(), R"("init":"base","init_sha256":")"));
  }
  setup.config.train.init = config::kInitNone;
  const train::Trainer random(setup.config, false);
  CHECK_FALSE(same_weights(random.net(), base));
  CHECK(contains(random.provenance_json(), R"("init":"none")"));
  setup.config.train.init = config::kInitBase;
  testing::train_and_stop(setup.config, 1);
  std::filesystem::remove(file);
  // The run is not begun again: it still says what it was begun with.
  CHECK(contains(train::Trainer(setup.config, true).provenance_json(), R"("init":"base","init_sha256":")"));
  setup.config.run.folder = setup.folder / "other";
  CHECK(same_weights(train::Trainer(setup.config, false).net(), random.net()));
  nn::save_net(file, nn::StyleNet(config::find_preset("mini").architecture), {});
  CHECK(contains(error_of([&] { train::Trainer(setup.config, false); }), "expected micro, found mini"));
  ::unsetenv("POCKETSTYLE_ASSETS");
}
