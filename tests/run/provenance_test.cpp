// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/run/provenance.h"

#include "support/catch.h"
#include "support/temp_dir.h"

#include "pocketstyle/config/load.h"
#include "pocketstyle/core/files.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <functional>
#include <map>
#include <set>

using namespace pocketstyle;
using testing::contains;
using testing::error_of;
using testing::TempDir;

namespace {

/// A configuration with everything switched on, so that every key makes a difference.
struct Setup {
  TempDir folder;
  config::Config config;
  Setup() {
    write_file_atomically(folder / "style.png", "a style");
    write_file_atomically(folder / "copy.png", "a style");
    write_file_atomically(folder / "other.png", "another style");
    config.net = {.preset = "mini", .kernel = 5, .widths = {{4, 8, 12}}, .block = "bottleneck", .blocks = 2, .mid = 8};
    config.style.image = folder / "style.png";
    config.style.more = {folder / "other.png"};
    config.style.weights = {2, 1};
    config.data.train = folder / "photos";
    config.data.small_crop = 64;
    config.teacher.net = folder / "teacher";
    config.temporal.weight = 10;
    config.train.init = folder / "init";
  }
  [[nodiscard]] run::Origin origin(const std::string& precision = "fp32", int processes = 1) const {
    return origin_of(config, precision, processes);
  }
  /// In place of the hashes of files that LibTorch's side computes: their names.
  static run::Origin origin_of(const config::Config& config, const std::string& precision = "fp32", int processes = 1) {
    return {config::to_yaml(config, /*comments=*/false),
            run::make_provenance(config, {.libtorch = "1.13.1",
                                          .vgg_sha256 = config.loss.vgg.string(),
                                          .teacher_sha256 = config.teacher.net.string(),
                                          .init = {"a net", config.train.init.string()},
                                          .precision = precision,
                                          .processes = processes})};
  }
};

/// Why the run must not be resumed; empty if it may.
std::string refusal(const run::Origin& began, const run::Origin& goes_on) {
  try {
    run::check_can_resume(began, goes_on, "runs/x");
  } catch (const UsageError& error) {
    return error.what();
  }
  return {};
}

/// Visits every key, and changes the one with a given number to another valid value.
class Change {
 public:
  Change(std::size_t number, const Setup& setup) : number_(number), setup_(setup) {}
  template <class S>
  void section(std::string_view name, S& value, std::string_view) {
    section_ = name;
    value.visit(*this);
  }
  template <class T>
  void field(std::string_view name, T& member, const config::FieldInfo& info) {
    if (count++ != number_) return;
    key = section_ + "." + std::string(name);
    resume = info.resume;
    change(member, info);
  }
  std::size_t count = 0;
  std::string key;
  config::Resume resume = config::Resume::must_match;

 private:
  static void change(std::int64_t& value, const config::FieldInfo&) { value += 4; }
  static void change(double& value, const config::FieldInfo&) { value = value == 0 ? 0.5 : value / 2; }
  static void change(bool& value, const config::FieldInfo&) { value = !value; }
  static void change(std::string& value, const config::FieldInfo& info) {
    value = *std::find_if(info.choices.begin(), info.choices.end(), [&](auto choice) { return choice != value; });
  }
  void change(std::filesystem::path& value, const config::FieldInfo&) const { value = setup_.folder / "other.png"; }
  void change(std::vector<std::filesystem::path>& value, const config::FieldInfo&) const {
    value.front() = setup_.folder / "style.png";
  }
  template <class T>
  void change(std::vector<T>& value, const config::FieldInfo& info) const {
    change(value.front(), info);
  }
  template <class T>
  void change(std::optional<T>& value, const config::FieldInfo& info) const {
    if (!value) value.emplace();
    change(*value, info);
  }

  std::size_t number_;
  const Setup& setup_;
  std::string section_;
};

}  // namespace

TEST_CASE("every key is refused or allowed when a run goes on, as it is declared") {
  const Setup setup;
  const run::Origin began = setup.origin();
  REQUIRE(refusal(began, began).empty());
  std::set<std::string> allowed;
  for (std::size_t number = 0;; ++number) {
    config::Config changed = setup.config;
    Change change(number, setup);
    changed.visit(change);
    if (number == change.count) break;
    // The numbers decide: a preset's name is only their source.
    const bool refused = change.resume != config::Resume::may_change && change.key != "net.preset";
    const std::string error = refusal(began, Setup::origin_of(changed));
    INFO(change.key << ": " << error);
    CHECK(error.empty() != refused);
    if (!refused) {
      allowed.insert(change.key);
      continue;
    }
    CHECK(error.find('\n') == std::string::npos);
    if (change.resume == config::Resume::must_match) CHECK(contains(error, "another " + change.key + " ("));
    if (change.resume == config::Resume::photos_a_step)
      CHECK(contains(error, "another train.batch x train.accumulate x processes (4, now "));
  }
  // Keys that are specific to a resumed run, or that decide how long it trains; never keys that affect a step.
  CHECK(allowed == std::set<std::string>{
                       "net.preset",           "data.train",          "data.held_out",        "data.held_out_size",
                       "data.held_out_photos", "data.workers",        "data.cache_mb",        "train.steps",
                       "train.init",           "train.max_rollbacks", "run.folder",           "run.device",
                       "run.precision",        "run.threads",         "run.log_every",        "run.evaluate_every",
                       "run.preview_every",    "run.preview_photos",  "run.checkpoint_every", "run.keep",
                       "run.winograd"});
}

TEST_CASE("a timed run goes on with its time, or gives it up for a number of steps") {
  Setup setup;
  setup.config.data.small_crop = 0;
  setup.config.train.minutes = 5;
  const run::Origin began = setup.origin();
  CHECK(refusal(began, setup.origin()).empty());
  setup.config.train.minutes = 6;
  CHECK(contains(refusal(began, setup.origin()), "another train.minutes (5.0, now 6.0)"));
  setup.config.train.minutes = 0;
  CHECK(refusal(began, setup.origin()).empty());
}

TEST_CASE("the provenance says what a run began with, and how many steps its time came to") {
  Setup setup;
  setup.config.data.small_crop = 0;
  setup.config.train.minutes = 5;
  run::Origin origin = setup.origin();
  CHECK(run::init_of(origin).name == "a net");
  CHECK(run::init_of(origin).sha256 == setup.config.train.init);
  CHECK(run::init_of({"", "{}"}).name == "none");
  CHECK(run::init_of({"", R"({"init_sha256": "12ab"})"}).sha256 == "12ab");  // as older versions had it
  CHECK(contains(origin.provenance_json, R"("minutes":5.0)"));
  CHECK(contains(run::with_steps(origin.provenance_json, 123), R"("steps":123,)"));
}

TEST_CASE("the refusal says which key, what it was and what it is") {
  Setup setup;
  const run::Origin began = setup.origin();
  setup.config.train.learning_rate = 0.003;
  CHECK(refusal(began, setup.origin()) ==
        "runs/x: was trained with another train.learning_rate (0.002, now 0.003), which must not change in a resumed "
        "run");
  setup.config.train.learning_rate = 0.002;
  setup.config.teacher.net.clear();
  CHECK(contains(refusal(began, setup.origin()), "another teacher.net (\""));
  CHECK(contains(refusal(began, setup.origin()), "\", now none)"));
}

TEST_CASE("of a file, the content must be the same, wherever it lies") {
  Setup setup;
  const run::Origin began = setup.origin();
  setup.config.style.image = setup.folder / "copy.png";
  CHECK(refusal(began, setup.origin()).empty());
  write_file_atomically(setup.folder / "copy.png", "a changed style");
  CHECK(contains(refusal(began, setup.origin()),
                 "another style.image (\"" + sha256_hex("a style") + "\", now \"" + sha256_hex("a changed style")));
}

TEST_CASE("the photos of a step may be shared out otherwise") {
  Setup setup;
  const run::Origin began = setup.origin();  // 4 x 1 x 1
  setup.config.train.batch = 1;
  setup.config.train.accumulate = 2;
  CHECK(refusal(began, setup.origin("fp32", 2)).empty());
  CHECK(contains(refusal(began, setup.origin("fp32", 1)), "(4, now 2)"));
  setup.config.train.batch = 4;
  setup.config.train.accumulate = 1;
  CHECK(refusal(began, setup.origin("bf16")).empty());  // with a warning
}

TEST_CASE("what is switched off may be set to anything, and numbers may come from a preset or not") {
  Setup setup;
  setup.config.style.more.clear();
  setup.config.style.weights.clear();
  setup.config.data.small_crop = 0;
  setup.config.teacher.net.clear();
  setup.config.temporal.weight = 0;
  setup.config.net = {};
  const run::Origin began = setup.origin();
  setup.config.data.small_share = 0.1;
  setup.config.teacher.output = 1;
  setup.config.temporal.noise = 1;
  setup.config.net = {.preset = "original", .kernel = 9, .widths = {}, .block = "bottleneck", .blocks = 5, .mid = 64};
  CHECK(refusal(began, setup.origin()).empty());
}

TEST_CASE("runs of older versions go on: keys that they did not have count as their defaults") {
  Setup setup;
  setup.config = {};
  setup.config.style.image = setup.folder / "style.png";
  setup.config.data.train = setup.folder / "photos";
  const auto now = [&] { return setup.origin(); };
  const run::Origin before{
      "style:\n  image: /gone/style.png\ndata:\n  train: /gone/photos\n  crop: 256\ntrain:\n  steps: 10\n  batch: 4\n",
      R"({"style_sha256":")" + sha256_hex("a style") + R"(","vgg_sha256":"","batch":4})"};
  CHECK(contains(refusal(before, now()), "another style.contrast (1.0, now 1.3)"));
  setup.config.style.contrast = 1;
  CHECK(contains(refusal(before, now()), "another train.output_fan_in (0.0, now 300.0)"));
  setup.config.train.output_fan_in = 0;
  CHECK(refusal(before, now()).empty());
  setup.config.train.ema = 0.9;
  CHECK(contains(refusal(before, now()), "another train.ema (0.0, now 0.9)"));
  setup.config.train.ema = 0;
  setup.config.net.preset = "micro";
  const run::Origin micro{before.config_yaml + "net:\n  preset: micro\n", before.provenance_json,
                          config::Architecture{5, {16, 32, 64}, config::BlockKind::bottleneck, 5, 32}};
  CHECK(contains(refusal(micro, now()), "another net.widths ([16,32,64], now [8,32,64])"));
  setup.config.net.widths = {16, 32, 64};
  CHECK(refusal(micro, now()).empty());
  CHECK(contains(refusal({before.config_yaml, "no JSON"}, now()), "does not record how it was trained"));
  CHECK(contains(refusal({"later:\n  key: 1\n", before.provenance_json}, now()), "later: unknown section"));
}

TEST_CASE("provenance holds what weights depend on, and of what is not used nothing") {
  Setup setup;
  const auto json = nlohmann::json::parse(setup.origin("bf16", 2).provenance_json);
  CHECK(json["libtorch"] == "1.13.1");
  CHECK(json["style"] == "style.png");
  CHECK(json["style_sha256"] == sha256_hex("a style"));
  CHECK(json["more_styles"][0]["style_sha256"] == sha256_hex("another style"));
  CHECK(json["teacher"]["sha256"] == setup.config.teacher.net.string());
  CHECK(json["precision"] == "bf16");
  CHECK(json["processes"] == 2);
  setup.config = {};
  setup.config.style.image = setup.folder / "style.png";
  setup.config.train.init.clear();
  const auto plain = nlohmann::ordered_json::parse(setup.origin().provenance_json);
  std::vector<std::string> keys;
  for (const auto& [key, value] : plain.items()) keys.push_back(key);
  CHECK(keys == std::vector<std::string>{"pocketstyle",
                                         "libtorch",
                                         "style",
                                         "style_sha256",
                                         "style_size",
                                         "style_trim",
                                         "style_colors",
                                         "style_contrast",
                                         "vgg_sha256",
                                         "loss",
                                         "loss_strength",
                                         "loss_layers",
                                         "loss_convention",
                                         "steps",
                                         "batch",
                                         "accumulate",
                                         "processes",
                                         "crop",
                                         "seed",
                                         "output_fan_in",
                                         "ema",
                                         "precision",
                                         "init"});
}
