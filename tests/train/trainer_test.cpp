// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/train/trainer.h"

#include "support/catch.h"
#include "train/setup.h"

#include "pocketstyle/core/cpu.h"
#include "pocketstyle/core/files.h"
#include "pocketstyle/nn/safetensors.h"
#include "pocketstyle/nn/weights.h"
#include "pocketstyle/run/folder.h"
#include "pocketstyle/train/recorder.h"

#include <nlohmann/json.hpp>

#include <functional>

using namespace pocketstyle;
using testing::contains;
using testing::error_of;
using testing::kNever;
using testing::same_weights;
using testing::Setup;
using testing::StopAfter;
using testing::train_to_end;
using testing::UnbrokenAndResumed;

TEST_CASE("a run that was stopped and resumed equals an unbroken one bit for bit") {
  const std::string precision = GENERATE(as<std::string>(), "fp32", "bf16");
  if (precision == "bf16" && !cpu_has_bfloat16()) SKIP_TEST("this processor has no bfloat16");
  const std::int64_t stop_at = GENERATE(values<std::int64_t>({1, 3, 5}));
  const std::int64_t workers = GENERATE(values<std::int64_t>({0, 2}));
  INFO("stopped after step " << stop_at << ", " << workers << " workers");
  const UnbrokenAndResumed runs(
      stop_at, [&](config::Config& config) { config.run.precision = precision; },
      [&](config::Config& config) { config.data.workers = workers; });
  CHECK(same_weights(runs.unbroken->net(), runs.resumed->net()));
  CHECK(runs.unbroken->state().smoothed_loss == runs.resumed->state().smoothed_loss);
  CHECK(runs.unbroken->state().best_validation == runs.resumed->state().best_validation);
}

TEST_CASE("training makes the loss smaller") {
  Setup setup;
  setup.config.train.steps = 40;
  setup.config.run.evaluate_every = 0;
  struct Validation : train::Observer {
    void on_validation(std::int64_t, const run::LossTerms& loss) override { totals.push_back(loss.total()); }
    std::vector<double> totals;
  } validation;
  train::Trainer trainer(setup.config, /*resume=*/false);
  trainer.add_observer(validation);
  REQUIRE(trainer.run(kNever));
  REQUIRE(validation.totals.size() == 2);
  CHECK(validation.totals.back() < 0.9 * validation.totals.front());
}

TEST_CASE("a run keeps the newest checkpoints, the best, and the final weights") {
  Setup setup;
  train::Trainer trainer(setup.config, /*resume=*/false);
  REQUIRE(trainer.run(kNever));
  const auto kept = run::list_checkpoints(setup.config.run.folder);
  REQUIRE(kept.size() == 2);
  CHECK(kept.back().filename() == "step-00000006.safetensors");
  CHECK(std::filesystem::exists(setup.config.run.folder / "checkpoints/best.safetensors"));
  CHECK(same_weights(nn::load_net(setup.config.run.folder).net, trainer.net()));
}

TEST_CASE("a folder that holds a run is not trained over, and an empty one cannot be resumed") {
  Setup setup;
  setup.config.train.steps = 1;
  CHECK(contains(error_of([&] { train::Trainer(setup.config, true); }), "expected a run to resume"));
  REQUIRE(train::Trainer(setup.config, false).run(kNever));
  CHECK(contains(error_of([&] { train::Trainer(setup.config, false); }), "already contains a run"));
}

TEST_CASE("a resumed run must have the style, loss and network that it began with") {
  Setup setup;
  setup.config.train.steps = 1;
  REQUIRE(train::Trainer(setup.config, false).run(kNever));
  config::Config other = setup.config;
  other.loss.style = 3;
  CHECK(contains(error_of([&] { train::Trainer(other, true); }), "another loss"));
  other = setup.config;
  other.net.mid = 5;
  CHECK(contains(error_of([&] { train::Trainer(other, true); }), "configuration asks for"));
}

TEST_CASE("a damaged newest checkpoint is passed over for the one before it") {
  Setup setup;
  train::Trainer whole(setup.config, false);
  REQUIRE(whole.run(kNever));
  const auto newest = run::list_checkpoints(setup.config.run.folder).back();
  write_file_atomically(newest, read_file(newest).substr(0, 500));
  train::Trainer resumed(setup.config, true);
  CHECK(resumed.state().step == 4);
  REQUIRE(resumed.run(kNever));
  CHECK(same_weights(whole.net(), resumed.net()));
}

TEST_CASE("a checkpoint of an earlier version, without bases, goes on from Adam's moments") {
  Setup setup;
  testing::train_and_stop(setup.config, 4);
  const auto newest = run::list_checkpoints(setup.config.run.folder).back();
  nn::TensorFile file = nn::read_safetensors(newest);
  std::string& state = file.metadata.at("pocketstyle.state");
  REQUIRE(contains(state, R"("bases":true,)"));
  state.erase(state.find(R"("bases":true,)"), 13);
  const auto removed = std::erase_if(file.tensors, [](const auto& tensor) {
    return contains(tensor.first, "adam.gram.") || contains(tensor.first, "adam.basis.");
  });
  CHECK(removed > 0);
  nn::write_safetensors(newest, file);
  nn::StyleNet net = nn::load_net(setup.config.run.folder).net;
  train::Soap soap(net->parameters(), {}, 1);
  for (const torch::Tensor& parameter : net->parameters()) parameter.mutable_grad() = torch::randn_like(parameter);
  soap.step(1e-3);
  train::load_checkpoint(newest, net, net, soap);  // as in a rollback: bases of later steps are dropped
  std::size_t bases = 0;
  for (std::size_t i = 0; i < net->parameters().size(); ++i)
    for (const auto& [name, tensor] : soap.state(i))
      if (name.starts_with("basis")) bases += torch::equal(tensor, torch::eye(tensor.size(0))) ? 1 : 0;
  CHECK(bases == static_cast<std::size_t>(removed) / 2);
  train::Trainer resumed(setup.config, true);
  CHECK(resumed.state().step == 4);
  CHECK(resumed.run(kNever));
}

TEST_CASE("a collapse is rolled back with a lower rate, and after the last time training stops") {
  Setup setup;
  testing::make_collapse(setup.config);
  setup.config.run.preview_every = 0;
  struct Rollbacks : train::Observer {
    void on_rollback(std::int64_t from, std::int64_t to, const std::string&) override {
      ++count;
      CHECK(to <= from);
    }
    int count = 0;
  } rollbacks;
  train::Trainer trainer(setup.config, false);
  trainer.add_observer(rollbacks);
  const std::string error = error_of([&] { trainer.run(kNever); });
  INFO(error);
  CHECK(contains(error, "runtime: training collapsed"));
  CHECK(rollbacks.count == 3);
  CHECK(trainer.state().rate_scale == 0.125);
}

TEST_CASE("pictures of one flat colour are a collapse, although their loss is lower than that of step 0") {
  Setup setup;
  nn::StyleNet flat(setup.config.net.architecture());
  {
    const torch::NoGradGuard no_grad;
    flat->convs.back()->conv2d->weight.zero_();
  }
  const auto weights = setup.folder / "flat.safetensors";
  nn::save_net(weights, flat, {});
  setup.config.train.init = weights;
  setup.config.train.learning_rate = 1e-9;
  const std::string error = error_of([&] { train::Trainer(setup.config, false).run(kNever); });
  INFO(error);
  CHECK(contains(error, "the validation photos' pictures are one flat colour each"));
}

TEST_CASE("a validation loss far above that of step 0 is a collapse, and training begins again from there") {
  Setup setup;
  setup.config.train.steps = 12;
  setup.config.train.learning_rate = 10;
  setup.config.train.collapse_factor = 1e12;
  struct Rollbacks : train::Observer {
    void on_rollback(std::int64_t, std::int64_t to, const std::string& why) override {
      steps.push_back(to);
      reasons.push_back(why);  // later ones may be flat pictures: at such rates all levels may be out of range
    }
    std::vector<std::int64_t> steps;
    std::vector<std::string> reasons;
  } rollbacks;
  train::Trainer trainer(setup.config, false);
  trainer.add_observer(rollbacks);
  CHECK(contains(error_of([&] { trainer.run(kNever); }), "runtime: training collapsed"));
  REQUIRE(rollbacks.steps == std::vector<std::int64_t>{0, 0, 0});
  CHECK(contains(rollbacks.reasons[0], "more than 1.5 times that of step 0"));
  const auto kept = run::list_checkpoints(setup.config.run.folder);
  REQUIRE(kept.size() >= 1);
  CHECK(kept.front().filename() == "step-00000000.safetensors");
  CHECK(trainer.state().first_validation > 0);
  // The weights are those that training began with.
  train::Trainer resumed(setup.config, true);
  CHECK(resumed.state().rollbacks == 3);
}

TEST_CASE("metrics of a resumed run have every step once") {
  Setup setup;
  const auto train_until = [&](std::int64_t step, bool resume) {
    std::atomic<bool> stop{false};
    StopAfter observer(step, stop);
    train::Trainer trainer(setup.config, resume);
    train::Recorder recorder(setup.config, trainer.state().step, resume, trainer.preview_photos(),
                             trainer.provenance_json());
    trainer.add_observer(recorder);
    trainer.add_observer(observer);
    trainer.run(stop);
  };
  train_until(5, false);
  // As left by a killed run: records that no checkpoint covers, and half a line.
  std::filesystem::remove(run::list_checkpoints(setup.config.run.folder).back());
  write_file_atomically(setup.config.run.folder / "metrics.jsonl",
                        read_file(setup.config.run.folder / "metrics.jsonl") + R"({"kind":"st)");
  train_until(100, true);
  std::istringstream lines(read_file(setup.config.run.folder / "metrics.jsonl"));
  std::vector<std::int64_t> steps;
  for (std::string line; std::getline(lines, line);) {
    const auto json = nlohmann::json::parse(line);
    if (json["kind"] == "step") steps.push_back(json["step"]);
  }
  CHECK(steps == std::vector<std::int64_t>{1, 2, 3, 4, 5, 6});
  CHECK(media::load_image(setup.config.run.folder / "contact_sheet.jpg").width > 100);
}

TEST_CASE("no usable photo, style or VGG is an error before anything is written") {
  const auto fails = [](const std::function<void(Setup&)>& spoil) {
    Setup setup;
    spoil(setup);
    const std::string error = error_of([&] { train::Trainer(setup.config, false); });
    INFO(error);
    CHECK(contains(error, "data: "));
    CHECK_FALSE(std::filesystem::exists(setup.config.run.folder));
  };
  fails([](Setup& s) { s.config.data.train = s.folder / "nowhere"; });
  fails([](Setup& s) { s.config.style.image = s.folder / "nothing.jpg"; });
  fails([](Setup& s) { s.config.data.min_side = 4000; });
  fails([](Setup& s) { s.config.loss.vgg = s.folder / "style.png"; });
}

TEST_CASE("the running mean of the weights is kept, and a resumed run has the same one") {
  const UnbrokenAndResumed runs(3, [](config::Config& config) { config.train.ema = 0.9; });
  CHECK(same_weights(runs.unbroken->net(), runs.resumed->net()));
  const auto& folder = runs.first.config.run.folder;
  CHECK(same_weights(nn::load_net(folder).net, runs.unbroken->net()));
  CHECK(same_weights(nn::load_net(run::list_checkpoints(folder).back()).net, runs.unbroken->net()));

  Setup plain;
  train::Trainer last(plain.config, /*resume=*/false);
  REQUIRE(last.run(kNever));
  CHECK_FALSE(same_weights(runs.unbroken->net(), last.net()));
}

TEST_CASE("a running mean over equal weights is those weights, and lies between when they move") {
  Setup setup;
  setup.config.train.steps = 1;
  setup.config.train.ema = 0.99999;
  train::Trainer trainer(setup.config, /*resume=*/false);
  const torch::Tensor before = trainer.net()->convs[0]->conv2d->weight.detach().clone();
  trainer.step();
  Setup plain;
  train::Trainer moved(plain.config, /*resume=*/false);
  moved.step();
  // The first step has a weight of 9/10, however long the memory is.
  const torch::Tensor expected = 0.1 * before + 0.9 * moved.net()->convs[0]->conv2d->weight.detach();
  CHECK(torch::allclose(trainer.net()->convs[0]->conv2d->weight, expected, 1e-4, 1e-6));
}

TEST_CASE("a network learns its teacher's pictures") {
  Setup teacher;
  teacher.config.train.steps = 20;
  REQUIRE(train::Trainer(teacher.config, false).run(kNever));
  Setup setup;
  setup.config.train.steps = 40;
  setup.config.loss.content = setup.config.loss.tv = 0;
  setup.config.loss.style = 0;
  setup.config.teacher = {.net = teacher.config.run.folder, .output = 50, .features = 0.1};
  const auto losses = train_to_end(setup.config);
  CHECK(losses.front().distillation > 0);
  CHECK(losses.back().distillation < 0.5 * losses.front().distillation);
}

TEST_CASE("a run that is stopped goes on with the same teacher only") {
  Setup teacher;
  teacher.config.train.steps = 1;
  REQUIRE(train::Trainer(teacher.config, false).run(kNever));
  Setup setup;
  setup.config.train.steps = 1;
  REQUIRE(train::Trainer(setup.config, false).run(kNever));
  setup.config.teacher.net = teacher.config.run.folder;
  CHECK(contains(error_of([&] { train::Trainer(setup.config, true); }), "another teacher"));
}

TEST_CASE("a step of several batches, or on several threads, is the step of one large batch on one") {
  // Adam turns gradients that are only rounding noise into steps of full length, so weights are not compared, but the
  // losses of the first two steps and the first gradient.
  constexpr double kTolerance = 1e-4;  // relative
  const auto reports = [](std::int64_t batch, std::int64_t accumulate, int threads) {
    Setup setup;
    setup.config.train.batch = batch;
    setup.config.train.accumulate = accumulate;
    setup.config.temporal.weight = 10;
    const testing::Threads guard(threads);
    train::Trainer trainer(setup.config, /*resume=*/false);
    std::vector<train::StepReport> both = {trainer.step(), trainer.step()};
    CHECK(trainer.batches().position() == 8);
    return both;
  };
  const auto whole = reports(4, 1, 1);
  const auto [batch, accumulate, threads] = GENERATE(
      table<std::int64_t, std::int64_t, int>({{2, 2, 1}, {1, 4, 1}, {4, 1, 2}, {4, 1, 4}, {4, 1, 3}, {2, 2, 4}}));
  INFO("batch " << batch << ", accumulate " << accumulate << ", threads " << threads);
  const auto parts = reports(batch, accumulate, threads);
  for (std::size_t i = 0; i < 2; ++i) {
    CHECK(parts[i].images == 4);
    CHECK(parts[i].loss.total() == Approx(whole[i].loss.total()).epsilon(kTolerance));
    CHECK(parts[i].loss.temporal == Approx(whole[i].loss.temporal).epsilon(10 * kTolerance));
  }
  CHECK(parts[0].gradient_norm == Approx(whole[0].gradient_norm).epsilon(kTolerance));
}

TEST_CASE("small crops come first, and a run that was stopped among them goes on with them") {
  const UnbrokenAndResumed runs(2, [](config::Config& config) {
    config.data.crop = 24;
    config.data.small_crop = 16;
    config.data.small_share = 0.5;
  });
  CHECK(same_weights(runs.unbroken->net(), runs.resumed->net()));

  Setup large;
  large.config.data.crop = 24;
  train::Trainer other(large.config, /*resume=*/false);
  REQUIRE(other.run(kNever));
  CHECK_FALSE(same_weights(runs.unbroken->net(), other.net()));
}

TEST_CASE("a run begins with the weights it is given") {
  Setup large;
  large.config.train.steps = 1;
  REQUIRE(train::Trainer(large.config, false).run(kNever));
  Setup small;
  small.config.train.init = large.config.run.folder;
  CHECK(same_weights(train::Trainer(small.config, false).net(), nn::load_net(large.config.run.folder).net));
  small.config.net.mid = 3;
  CHECK(train::Trainer(small.config, false).net()->architecture.mid == 3);
  small.config.net.mid = 8;
  CHECK(contains(error_of([&] { train::Trainer(small.config, false); }), "no larger than"));
}
