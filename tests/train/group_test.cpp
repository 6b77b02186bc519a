// SPDX-License-Identifier: Apache-2.0
// Several processes, simulated by threads, each with its own trainer, which rendezvous in a file.
#include "support/catch.h"
#include "train/setup.h"

#include "pocketstyle/nn/weights.h"
#include "pocketstyle/run/folder.h"
#include "pocketstyle/train/process_group.h"

#include <functional>
#include <thread>

using namespace pocketstyle;
using testing::contains;
using testing::error_of;
using testing::kNever;
using testing::same_weights;
using testing::Setup;
using testing::StopAfter;

namespace {

/// Effect of another summation order after six steps. Weights are not compared: the gradient of a bias without effect
/// is only rounding noise, which Adam turns into steps of full length.
constexpr double kLossTolerance = 1e-4;    // relative
constexpr float kPictureTolerance = 0.1F;  // of 255
/// Threads per process: with a single thread, convolutions use other algorithms and round differently.
constexpr int kThreads = 2;

using Group = std::shared_ptr<train::ProcessGroup>;

#ifdef __SANITIZE_THREAD__
constexpr std::chrono::seconds kTimeout(600);  // while rank 0 computes a validation loss, the others wait
#else
constexpr std::chrono::seconds kTimeout(20);
#endif

bool can_join() {
  return error_of(train::check_can_join) == "no error";
}

/// Runs `action` once per rank, in parallel, and returns what each threw ("no error").
std::vector<std::string> together(
    int world, const std::function<void(const Group&)>& action,
    const std::function<void(train::Place&)>& spoil = [](train::Place&) {}) {
  const testing::TempDir folder;
  std::vector<std::string> errors(static_cast<std::size_t>(world));
  std::vector<std::thread> threads;
  for (int rank = 0; rank < world; ++rank)
    threads.emplace_back([&, rank] {
      torch::get_num_threads();  // a thread's first query would otherwise take what the others set meanwhile
      torch::set_num_threads(kThreads);
      errors[static_cast<std::size_t>(rank)] = error_of([&] {
        train::Place place{rank, world, rank, world};
        spoil(place);
        train::Rendezvous rendezvous;
        rendezvous.file = folder / "store";
        rendezvous.timeout = kTimeout;
        action(train::join(place, rendezvous));
      });
    });
  for (std::thread& thread : threads) thread.join();
  return errors;
}

const std::vector<std::string> kNoErrors = {"no error", "no error"};

/// A run of one process that was stopped before its first step: all continue from the same weights.
void begin(Setup& setup) {
  setup.config.train.batch = 4;
  const std::atomic<bool> at_once{true};
  CHECK_FALSE(train::Trainer(setup.config, /*resume=*/false).run(at_once));
}

/// Two trainers with half the batch each, resumed; `use` gets each before it runs.
std::vector<std::string> resume_as_two(
    Setup& setup, std::vector<std::unique_ptr<train::Trainer>>& trainers,
    const std::function<void(train::Trainer&, int)>& run = [](train::Trainer& trainer, int) { trainer.run(kNever); }) {
  setup.config.train.batch = 2;
  trainers.clear();
  trainers.resize(2);
  return together(2, [&](const Group& group) {
    const int rank = group->place().rank;
    auto& trainer = trainers[static_cast<std::size_t>(rank)];
    trainer = std::make_unique<train::Trainer>(setup.config, /*resume=*/true, group);
    run(*trainer, rank);
  });
}

/// For use inside together(): Catch2 can only be used on the test's own thread.
void must(bool fact, const char* what) {
  if (!fact) throw RuntimeFailure("{}", what);
}

bool close(double a, double b) {
  return std::abs(a - b) <= kLossTolerance * std::abs(b);
}

}  // namespace

TEST_CASE("a group of one changes nothing") {
  train::ProcessGroup alone;
  torch::Tensor values = torch::tensor({1.5F, -2.0F});
  alone.all_reduce_mean(values);
  alone.broadcast(values);
  CHECK(torch::equal(values, torch::tensor({1.5F, -2.0F})));
  CHECK(alone.any(true));
  CHECK_FALSE(alone.any(false));
  CHECK(alone.broadcast_text("text") == "text");
}

TEST_CASE("a group agrees on means, rank 0's values, any and rank 0's text") {
  if (!can_join()) SKIP_TEST("this LibTorch has no Gloo");
  const auto errors = together(3, [](const Group& group) {
    const auto rank = static_cast<float>(group->place().rank);
    torch::Tensor values = torch::tensor({rank, 3 * rank}).reshape({2, 1});
    group->all_reduce_mean(values);
    must(torch::equal(values, torch::tensor({1.0F, 3.0F}).reshape({2, 1})), "mean");
    values.fill_(rank + 7);
    group->broadcast(values);
    must(torch::equal(values, torch::tensor({7.0F, 7.0F}).reshape({2, 1})), "broadcast");
    must(group->any(rank == 2), "any of one");
    must(!group->any(false), "any of none");
    must(group->broadcast_text("from " + std::to_string(group->place().rank)) == "from 0", "text");
    must(group->broadcast_text("").empty(), "empty text");
  });
  CHECK(errors == std::vector<std::string>(3, "no error"));
}

TEST_CASE("two processes of half the batch train as one does") {
  if (!can_join()) SKIP_TEST("this LibTorch has no Gloo");
  Setup one, two;
  one.config.temporal.weight = two.config.temporal.weight = GENERATE(0.0, 5.0);
  begin(one), begin(two);
  one.config.train.batch = 4;
  const testing::Threads guard(kThreads);
  train::Trainer whole(one.config, /*resume=*/true);
  REQUIRE(whole.run(kNever));
  std::vector<std::unique_ptr<train::Trainer>> halves;
  REQUIRE(resume_as_two(two, halves) == kNoErrors);
  CHECK(same_weights(halves[0]->net(), halves[1]->net()));
  for (const auto& half : halves) {
    INFO(half->state().smoothed_loss << " and " << whole.state().smoothed_loss << "; " << half->state().best_validation
                                     << " and " << whole.state().best_validation);
    CHECK(half->state().samples == whole.state().samples);
    CHECK(close(half->state().smoothed_loss, whole.state().smoothed_loss));
    CHECK(close(half->state().best_validation, whole.state().best_validation));
  }
  const torch::NoGradGuard no_grad;
  const torch::Tensor photo = whole.preview_photos().at(0);
  nn::StyleNet expected = whole.net(), found = halves[0]->net();
  const float difference = (expected->forward(photo) - found->forward(photo)).abs().max().item<float>();
  INFO("pictures differ by " << difference);
  CHECK(difference < kPictureTolerance);
}

TEST_CASE("stopped on any process and resumed, a run of two equals an unbroken one bit for bit") {
  if (!can_join()) SKIP_TEST("this LibTorch has no Gloo");
  Setup unbroken, broken;
  begin(unbroken), begin(broken);
  std::vector<std::unique_ptr<train::Trainer>> whole, parts;
  REQUIRE(resume_as_two(unbroken, whole) == kNoErrors);
  REQUIRE(resume_as_two(broken, parts, [](train::Trainer& trainer, int rank) {
            std::atomic<bool> stop{false};
            StopAfter observer(3, stop);
            if (rank == 1) trainer.add_observer(observer);
            must(!trainer.run(stop) && trainer.state().step == 3, "stops after step 3");
          }) == kNoErrors);
  REQUIRE(resume_as_two(broken, parts) == kNoErrors);
  for (const auto& part : parts) CHECK(same_weights(part->net(), whole[0]->net()));
  CHECK(parts[0]->state().best_validation == whole[0]->state().best_validation);
}

TEST_CASE("when a process is lost the others leave a checkpoint, and the run goes on bit for bit") {
  if (!can_join()) SKIP_TEST("this LibTorch has no Gloo");
  const std::int64_t at = GENERATE(values<std::int64_t>({1, 3, 5}));
  const int lost = GENERATE(0, 1);
  INFO("rank " << lost << " is lost after step " << at);
  Setup unbroken, broken;
  begin(unbroken), begin(broken);
  std::vector<std::unique_ptr<train::Trainer>> whole, parts;
  REQUIRE(resume_as_two(unbroken, whole) == kNoErrors);
  broken.config.train.batch = 2;
  struct Dies : train::Observer {
    explicit Dies(std::int64_t at_step) : step(at_step) {}
    void on_step(const train::StepReport& report) override {
      if (report.step == step) throw DataError("died");
    }
    std::int64_t step;
  };
  const auto errors = together(2, [&](const Group& group) {
    const int rank = group->place().rank;
    Dies dies(at);
    train::Trainer trainer(broken.config, /*resume=*/true, group);
    if (rank == lost) trainer.add_observer(dies);
    trainer.run(kNever);
  });
  const std::string& survivor = errors[static_cast<std::size_t>(1 - lost)];
  INFO(survivor);
  CHECK(contains(errors[static_cast<std::size_t>(lost)], "died"));
  CHECK(contains(survivor, "lost another process"));
  CHECK(contains(survivor, "step " + std::to_string(at) + " is saved"));
  CHECK(run::list_checkpoints(broken.config.run.folder).back().filename() == run::checkpoint_path("", at).filename());
  REQUIRE(resume_as_two(broken, parts) == kNoErrors);
  for (const auto& part : parts) CHECK(same_weights(part->net(), whole[0]->net()));
  CHECK(parts[0]->state().best_validation == whole[0]->state().best_validation);
}

TEST_CASE("a collapse is rolled back by all processes alike") {
  if (!can_join()) SKIP_TEST("this LibTorch has no Gloo");
  Setup setup;
  testing::make_collapse(setup.config);
  begin(setup);
  std::vector<std::unique_ptr<train::Trainer>> trainers;
  for (const std::string& error : resume_as_two(setup, trainers)) REQUIRE(contains(error, "training collapsed"));
  for (const auto& trainer : trainers) CHECK(trainer->state().rate_scale == 0.125);
  CHECK(trainers[0]->state().step == trainers[1]->state().step);
}

TEST_CASE("processes agree on how many steps their time comes to") {
  if (!can_join()) SKIP_TEST("this LibTorch has no Gloo");
  Setup setup;
  setup.config.train.minutes = 0.02;
  begin(setup);
  std::vector<std::unique_ptr<train::Trainer>> trainers;
  REQUIRE(resume_as_two(setup, trainers) == kNoErrors);
  for (const auto& trainer : trainers) {
    CHECK(trainer->state().planned_steps == trainers[0]->state().planned_steps);
    CHECK(trainer->state().step == trainers[0]->state().planned_steps);
  }
  CHECK(same_weights(trainers[0]->net(), trainers[1]->net()));
  // One that goes on knows of it from rank 0.
  const auto steps = trainers[0]->state().planned_steps;
  REQUIRE(resume_as_two(setup, trainers) == kNoErrors);
  for (const auto& trainer : trainers) CHECK(trainer->config().train.steps == steps);
}

TEST_CASE("processes that do not belong together say why") {
  if (!can_join()) SKIP_TEST("this LibTorch has no Gloo");
  SECTION("another configuration") {
    Setup setup;
    begin(setup);
    setup.config.train.batch = 2;
    const auto errors = together(2, [&](const Group& group) {
      config::Config config = setup.config;
      if (group->place().rank == 1) config.train.learning_rate = 0.5;
      config.run.threads = group->place().rank;  // may differ
      train::Trainer(config, /*resume=*/true, group);
    });
    CHECK(contains(errors[0], "usage: another process has a different configuration"));
    CHECK(contains(errors[1], "usage: rank 1 has 'learning_rate: 0.5' where rank 0 has 'learning_rate: 0.002'"));
  }
  SECTION("another number of processes") {
    const auto errors = together(
        2, [](const Group&) {}, [](train::Place& place) { place.world += place.rank; });
    // Sometimes the one that notices first is gone before the other asks.
    const std::string why = "rank 1 expects 3 processes, rank 0 expects 2";
    CHECK((contains(errors[0], why) || contains(errors[1], why)));
    for (const std::string& error : errors) CHECK(!error.empty());
  }
  SECTION("a rank twice") {
    const auto errors = together(
        2, [](const Group&) {}, [](train::Place& place) { place.rank = 0; });
    for (const std::string& error : errors) CHECK(contains(error, "there are two processes of rank 0"));
  }
  SECTION("another number of photos a step than the run began with") {
    Setup setup;
    begin(setup);
    setup.config.train.batch = 3;
    const auto errors = together(2, [&](const Group& group) { train::Trainer(setup.config, /*resume=*/true, group); });
    CHECK(contains(errors[0], "another train.batch x train.accumulate x processes (4, now 6)"));
    CHECK(contains(errors[1], "lost another process"));
  }
}

TEST_CASE("nobody at the address is an error within the timeout") {
  if (!can_join()) SKIP_TEST("this LibTorch has no Gloo");
  train::Rendezvous rendezvous;
  rendezvous.port = 1;
  rendezvous.timeout = std::chrono::milliseconds(300);
  CHECK(contains(error_of([&] { train::join({1, 2, 0, 1}, rendezvous); }), "nothing answers at 127.0.0.1:1"));
  rendezvous.address = "no.such.host.invalid";
  CHECK(contains(error_of([&] {
                   train::join({1, 2, 0, 1}, rendezvous);
                 }),
                 "usage: master address no.such.host.invalid"));
}
