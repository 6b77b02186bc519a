// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/workflows/variants.h"

#include "support/catch.h"
#include "support/small_run.h"

#include "pocketstyle/config/load.h"
#include "pocketstyle/core/files.h"
#include "pocketstyle/nn/weights.h"
#include "pocketstyle/run/folder.h"
#include "pocketstyle/workflows/compress.h"
#include "pocketstyle/workflows/spread.h"
#include "pocketstyle/workflows/sweep.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <csignal>
#include <map>

namespace pocketstyle::workflows {
namespace {

namespace fs = std::filesystem;
using testing::contains, testing::error_of, testing::SmallRun;
using Texts = std::vector<std::string>;

Texts labels(const std::vector<Variant>& variants) {
  Texts all;
  for (const Variant& variant : variants) all.push_back(variant.label);
  return all;
}

/// The value of a `--set` among a job's arguments.
std::string set_value(const Job& job, const std::string& key) {
  std::string value = "not set";
  for (const std::string& argument : job.arguments)
    if (argument.starts_with(key + "=")) value = argument.substr(key.size() + 1);
  return value;
}

void write_metrics(const fs::path& run, double loss) {
  write_file_atomically(run / "metrics.jsonl", fmt::format(R"({{"kind":"held_out","step":0,"loss":{{"total":9e9}}}}
{{"kind":"held_out","step":4,"loss":{{"total":{}}}}}
)",
                                                           loss));
}

/// What a training run leaves behind: random weights, and a validation loss.
void pretend_to_train(const Job& job, double loss) {
  Texts overrides;
  for (std::size_t i = 0; i + 1 < job.arguments.size(); ++i)
    if (job.arguments[i] == "--set") overrides.push_back(job.arguments[i + 1]);
  const config::Config config = config::load_config(job.arguments.at(1), overrides);
  nn::save_net(config.run.folder / run::kFinalWeightsName, nn::StyleNet(config.net.architecture()), {});
  write_metrics(config.run.folder, loss);
}

/// A JobRunner that does not train: `losses` by run folder name; runs without one fail.
struct FakeRunner {
  std::map<std::string, double> losses;
  std::size_t most = 1000;  ///< jobs, after which SIGTERM comes
  int failure = 1;          ///< exit code of a job that has no loss
  std::vector<Job> jobs{};  ///< that it received
  int operator()(const std::vector<Job>& given, std::size_t /*parallel*/,
                 const std::function<void(std::size_t, int)>& ended) {
    jobs = given;
    for (std::size_t i = 0; i < given.size(); ++i) {
      if (i == most) return SIGTERM;
      const auto loss = losses.find(fs::path(set_value(given[i], "run.folder")).filename().string());
      if (loss == losses.end()) {
        write_file_atomically(given[i].log, "step 1\nout of memory\n");
        ended(i, failure);
        continue;
      }
      pretend_to_train(given[i], loss->second);
      ended(i, 0);
    }
    return 0;
  }
};

/// Configuration and folder of runs that a FakeRunner pretends to train.
struct Setup : SmallRun {
  VariantsOptions options;
  std::vector<RunEnded> ended;
  std::size_t runs = 0, done = 0;
  VariantsEvents events;
  Setup() {
    options.config = folder / "all.yaml";
    options.folder = folder / "swept";
    write_file_atomically(options.config, config::to_yaml(config, false));
    events.started = [this](const VariantsOptions&, std::size_t all, std::size_t already) {
      runs = all;
      done = already;
    };
    events.ended = [this](const RunEnded& run) { ended.push_back(run); };
  }
  VariantsOutcome run(const std::vector<Variant>& variants, FakeRunner& fake) {
    return run_variants(options, variants, events, std::ref(fake));
  }
};

VariantResult result(const std::string& label, std::int64_t macs, const std::vector<double>& validation) {
  return {.label = label, .runs = {}, .validation = validation, .parameters = 10 * macs, .macs = macs};
}

}  // namespace

TEST_CASE("every combination of values is a variant, the last key's changing fastest") {
  const auto variants = sweep_variants({"net.preset=mini,micro", "loss.style=1,4"}, {});
  CHECK(labels(variants) ==
        Texts{"preset=mini style=1", "preset=mini style=4", "preset=micro style=1", "preset=micro style=4"});
  CHECK(variants[2].overrides == Texts{"net.preset=micro", "loss.style=1"});
  CHECK(variants[2].seed == 0);
}

TEST_CASE("commas inside brackets do not separate values") {
  const auto variants = sweep_variants({"net.widths=[16,32,64],[8,16,48]", "data.train=/a=b"}, {});
  CHECK(labels(variants) == Texts{"widths=[16,32,64] train=/a=b", "widths=[8,16,48] train=/a=b"});
  CHECK(variants[1].overrides == Texts{"net.widths=[8,16,48]", "data.train=/a=b"});
}

TEST_CASE("every variant comes from every seed") {
  const auto variants = sweep_variants({"net.mid=2,3"}, {7, 8});
  REQUIRE(variants.size() == 4);
  CHECK(labels(variants) == Texts{"mid=2", "mid=2", "mid=3", "mid=3"});
  CHECK(variants[2].seed == 7);
  CHECK(variants[3].seed == 8);
}

TEST_CASE("what is no key with values is named") {
  for (const char* wrong : {"steps=1", "train.steps", "train.steps="})
    CHECK(error_of([&] { sweep_variants({wrong}, {}); }) ==
          std::string("usage: --vary ") + wrong + ": expected section.key=value,value");
}

TEST_CASE("mean and standard deviation over seeds") {
  const Spread one = spread({271221});
  CHECK(one.mean == 271221);
  CHECK(one.deviation == 0);
  CHECK(one.seeds == 1);
  // Squared distances from the mean, 5, are 9 1 1 1 0 0 4 16: 32, over n - 1 = 7.
  const Spread eight = spread({2, 4, 4, 4, 5, 5, 7, 9});
  CHECK(eight.mean == 5);
  CHECK(eight.deviation == Approx(2.138089935299395).epsilon(1e-14));
  CHECK(eight.low == 2);
  CHECK(eight.high == 9);
  CHECK(eight.seeds == 8);
  // NIST's certified values of NumAcc1, which naive sums of squares get wrong.
  CHECK(spread({10000001, 10000003, 10000002}).mean == 10000002);
  CHECK(spread({10000001, 10000003, 10000002}).deviation == Approx(1).epsilon(1e-12));
}

TEST_CASE("differences are of the same seed's losses, then averaged") {
  const Spread percent = percent_against({110, 190}, {100, 200});  // +10% and -5%, although both sums are 300
  CHECK(percent.mean == Approx(2.5).epsilon(1e-12));
  CHECK(percent.deviation == Approx(10.606601717798213).epsilon(1e-12));  // 15 / sqrt(2)
  CHECK(percent_against({98}, {100}).mean == Approx(-2).epsilon(1e-12));
}

TEST_CASE("a sweep's table: against the first, and the front of loss against cost") {
  const SweepTable table = sweep_table({result("a", 500, {100, 104}), result("b", 200, {105, 99}),
                                        result("c", 300, {110, 106}), result("d", 100, {200, 220})});
  REQUIRE(table.rows.size() == 4);
  CHECK(table.costs_differ);
  CHECK(!table.rows[0].against_first);
  CHECK(table.rows[1].against_first->mean == Approx((5 + 100.0 * (99.0 / 104 - 1)) / 2));
  CHECK(table.rows[1].loss.mean == 102);
  CHECK(table.rows[1].parameters == 2000);
  CHECK(!table.rows[0].on_front);  // b is as good, and cheaper
  CHECK(table.rows[1].on_front);
  CHECK(!table.rows[2].on_front);
  CHECK(table.rows[3].on_front);
  CHECK(!sweep_table({result("a", 500, {100}), result("b", 500, {105})}).costs_differ);
}

TEST_CASE("a sweep trains what is not done, and writes what it found") {
  Setup setup;
  FakeRunner fake{.losses = {{"mid=2-seed1", 100}, {"mid=2-seed2", 104}}};
  std::vector<Variant> variants = sweep_variants({"net.mid=2"}, {1, 2});
  const auto outcome = setup.run(variants, fake);
  CHECK(outcome.signal == 0);
  REQUIRE(outcome.results.size() == 1);  // two seeds of one variant
  CHECK(outcome.results[0].validation == std::vector<double>{100, 104});
  CHECK(outcome.results[0].runs ==
        std::vector<fs::path>{setup.options.folder / "mid=2-seed1", setup.options.folder / "mid=2-seed2"});
  CHECK(setup.runs == 2);
  CHECK(setup.done == 0);
  REQUIRE(setup.ended.size() == 2);
  CHECK(setup.ended[0].name == "mid=2-seed1");
  CHECK(setup.ended[0].trained);
  CHECK(setup.ended[0].validation == 100);
  CHECK(setup.ended[1].seconds_left == 0);
  CHECK(fake.jobs[1].arguments.front() == "train");
  CHECK(set_value(fake.jobs[1], "run.seed") == "2");
  CHECK(set_value(fake.jobs[1], "net.mid") == "2");
  CHECK(fake.jobs[1].log == setup.options.folder / "mid=2-seed2.log");
  CHECK(fs::exists(setup.options.folder / "contact_sheet.jpg"));
  const auto json = nlohmann::json::parse(read_file(setup.options.folder / "sweep.json"));
  CHECK(json["format"] == "sweep 1");
  CHECK(json["variants"][0]["label"] == "mid=2");
  CHECK(json["variants"][0]["held_out_total"] == 102);
  CHECK(json["variants"][0]["runs"][1]["folder"] == "mid=2-seed2");

  // Again: all is done, and nothing is trained.
  setup.run(variants, fake);
  CHECK(setup.done == 2);
  CHECK(fake.jobs.empty());
}

TEST_CASE("folders are named by the label, with what shells would mind replaced") {
  Setup setup;
  FakeRunner fake;
  fake.most = 0;
  setup.run({{"widths=[4,6,8] style=1.5", {"net.widths=[4,6,8]"}, 3}}, fake);
  CHECK(set_value(fake.jobs[0], "run.folder") == (setup.options.folder / "widths=_4_6_8__style=1.5-seed3").string());
}

TEST_CASE("a stopped sweep goes on where it was") {
  Setup setup;
  setup.options.overrides = {"train.steps=4"};
  FakeRunner fake{.losses = {{"mid=2", 100}, {"mid=3", 90}, {"mid=5", 80}}, .most = 1};
  const auto variants = sweep_variants({"net.mid=2,3,5"}, {});
  CHECK(setup.run(variants, fake).signal == SIGTERM);
  CHECK(setup.ended.size() == 1);
  CHECK(!fs::exists(setup.options.folder / "sweep.json"));

  // The second run had written a checkpoint.
  write_file_atomically(run::checkpoint_path(setup.options.folder / "mid=3", 2), "of step 2");
  fake.most = 1000;
  std::vector<Job> jobs;
  const auto outcome =
      run_variants(setup.options, variants, setup.events, [&](const auto& given, std::size_t, const auto& ended) {
        jobs = given;
        fs::remove_all(setup.options.folder / "mid=3/checkpoints");
        return fake(given, 1, ended);
      });
  CHECK(setup.runs == 3);
  CHECK(setup.done == 1);
  REQUIRE(jobs.size() == 2);
  CHECK(set_value(jobs[0], "net.mid") == "3");
  CHECK(set_value(jobs[0], "train.steps") == "4");
  const Texts& arguments = jobs[0].arguments;
  CHECK(arguments[arguments.size() - 2] == "--resume");
  CHECK(arguments.back() == (setup.options.folder / "mid=3").string());
  CHECK(std::count(jobs[1].arguments.begin(), jobs[1].arguments.end(), "--resume") == 0);
  CHECK(outcome.results.size() == 3);
  CHECK(outcome.results[0].validation == std::vector<double>{100});
}

TEST_CASE("runs that fail do not keep the others from being trained") {
  Setup setup;
  FakeRunner fake{.losses = {{"mid=3", 90}}};
  CHECK(error_of([&] { setup.run(sweep_variants({"net.mid=2,3"}, {}), fake); }) == "runtime: 1 of 2 runs failed");
  REQUIRE(setup.ended.size() == 2);
  CHECK(!setup.ended[0].trained);
  CHECK(setup.ended[0].last_words == "out of memory");
  CHECK(setup.ended[1].trained);
  CHECK(!fs::exists(setup.options.folder / "sweep.json"));

  SECTION("nor do those that the system kills") {
    fake.failure = 128 + SIGKILL;
    CHECK(error_of([&] { setup.run(sweep_variants({"net.mid=2,3"}, {}), fake); }) == "runtime: 1 of 2 runs failed");
    CHECK(setup.ended.back().last_words == "was ended by signal 9 (Killed): most likely, memory ran out");
  }
}

TEST_CASE("a wrong configuration is found before anything is trained") {
  Setup setup;
  FakeRunner fake;
  CHECK(contains(error_of([&] { setup.run(sweep_variants({"train.stepz=1,2"}, {}), fake); }), "unknown key"));
  CHECK(setup.runs == 0);
  CHECK(!fs::exists(setup.options.folder));
}

TEST_CASE("two sweeps do not use one folder at a time") {
  Setup setup;
  FakeRunner fake;
  const FolderLock other(setup.options.folder);
  CHECK(error_of([&] { setup.run({{"a", {}, 0}}, fake); }).starts_with("usage: "));
}

TEST_CASE("networks that are compared begin with random weights, unless somebody says otherwise") {
  Setup setup;
  setup.config.train.init = config::kInitBase;
  write_file_atomically(setup.options.config, config::to_yaml(setup.config, false));
  FakeRunner fake{.losses = {{"mid=2", 1}, {"ema=0", 1}}};
  setup.run(sweep_variants({"net.mid=2"}, {}), fake);
  CHECK(set_value(fake.jobs.back(), "train.init") == "none");
  setup.run(sweep_variants({"train.ema=0"}, {}), fake);
  CHECK(set_value(fake.jobs.back(), "train.init") == "not set");
  setup.options.overrides = {"train.init=base"};
  setup.options.folder /= "again";
  setup.run(sweep_variants({"net.mid=2"}, {}), fake);
  CHECK(set_value(fake.jobs.back(), "train.init") == "base");
}

TEST_CASE("each method of compression sets the teacher and the first weights") {
  CompressOptions options;
  options.nets = {"micro"};
  options.methods = compress_methods();
  options.overrides = {"net.mid=3", "train.steps=5"};
  const auto variants = compress_variants(options, "/runs/large");
  CHECK(labels(variants) == Texts{"micro scratch", "micro distil", "micro prune", "micro prune-distil"});
  const auto has = [&](std::size_t i, const std::string& text) {
    const Texts& all = variants[i].overrides;
    return std::count(all.begin(), all.end(), text) == 1;
  };
  const std::vector<bool> distils = {false, true, false, true}, prunes = {false, false, true, true};
  for (std::size_t i = 0; i < variants.size(); ++i) {
    INFO(variants[i].label);
    CHECK(has(i, distils[i] ? "teacher.net=/runs/large" : "teacher.net="));
    CHECK(has(i, prunes[i] ? "train.init=/runs/large" : "train.init=none"));
    CHECK(has(i, "train.minutes=0"));  // as many steps as the large network
    // The preset's numbers replace the large network's; the user's overrides come last.
    CHECK(variants[i].overrides.front() == "net.preset=micro");
    for (const char* key : {"net.kernel=", "net.widths=", "net.block=", "net.blocks=", "net.mid="}) CHECK(has(i, key));
    CHECK(Texts(variants[i].overrides.end() - 2, variants[i].overrides.end()) == options.overrides);
  }
}

TEST_CASE("compression is told against the trained network") {
  Setup setup;
  const fs::path large = setup.folder / "large";
  setup.config.run.folder = large;
  write_file_atomically(large / "config.yaml", config::to_yaml(setup.config, false));
  nn::save_net(large / run::kFinalWeightsName, nn::StyleNet(setup.config.net.architecture()), {});
  write_metrics(large, 50);
  FakeRunner fake{.losses = {{"micro_scratch", 60}, {"micro_distil", 55}}};
  CompressOptions options;
  options.run = large;
  options.nets = {"micro"};
  options.methods = {"scratch", "distil"};
  options.overrides = {"net.widths=[2,3,4]", "net.mid=2"};
  const auto outcome = compress(options, setup.events, std::ref(fake));
  CHECK(outcome.options.folder == fs::path(large.string() + "-compressed"));
  REQUIRE(outcome.rows.size() == 3);
  CHECK(outcome.rows[0].name == "trained network");
  CHECK(outcome.rows[0].loss == 50);
  CHECK(outcome.rows[1].name == "micro scratch");
  CHECK(outcome.rows[1].loss == 60);
  CHECK(outcome.rows[1].parameters < outcome.rows[0].parameters);
  CHECK(outcome.rows[1].macs < outcome.rows[0].macs);
  CHECK(outcome.rows[2].loss == 55);
  CHECK(set_value(fake.jobs[1], "teacher.net") == large.string());
  options.run = setup.folder / "none";
  CHECK(contains(error_of([&] { compress(options, setup.events, std::ref(fake)); }), "expected the folder of a run"));
}

}  // namespace pocketstyle::workflows
