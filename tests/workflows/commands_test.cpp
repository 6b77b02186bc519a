// SPDX-License-Identifier: Apache-2.0
#include "support/catch.h"
#include "support/small_run.h"

#include "pocketstyle/config/load.h"
#include "pocketstyle/core/files.h"
#include "pocketstyle/core/processors.h"
#include "pocketstyle/nn/weights.h"
#include "pocketstyle/run/folder.h"
#include "pocketstyle/run/metadata.h"
#include "pocketstyle/workflows/models.h"
#include "pocketstyle/workflows/optimize.h"
#include "pocketstyle/workflows/report.h"
#include "pocketstyle/workflows/serve.h"
#include "pocketstyle/workflows/stylize.h"
#include "pocketstyle/workflows/threads.h"
#include "pocketstyle/workflows/train.h"

#include <algorithm>
#include <cstdlib>

namespace pocketstyle::workflows {
namespace {

namespace fs = std::filesystem;
using testing::contains, testing::error_of, testing::SmallRun;

/// Requests a stop after some steps.
struct StopAfter : train::Observer {
  explicit StopAfter(std::int64_t last) : last_step(last) {}
  void on_step(const train::StepReport& report) override {
    ++steps;
    if (report.step >= last_step) stop = true;
  }
  std::int64_t last_step, steps = 0;
  std::atomic<bool> stop{false};
};

/// A run that is stopped after `last` steps, or runs to its end.
bool train(const SmallRun& setup, bool resume, StopAfter& observer) {
  Training training(setup.config, resume, {});
  return training.run(observer, observer.stop);
}

fs::path save_net(const SmallRun& setup, const std::string& name) {
  nn::save_net(setup.folder / name, nn::StyleNet(setup.config.net.architecture()),
               {{run::kProvenanceKey, R"({"steps":6,"batch":2,"crop":16})"}});
  return setup.folder / name;
}

}  // namespace

TEST_CASE("a training keeps its records, is stopped, and goes on to the end") {
  SmallRun setup;
  setup.config.run.threads = 1;
  StopAfter first(3);
  {
    Training training(setup.config, false, {});
    CHECK(training.start().leader);
    CHECK(training.start().step == 0);
    CHECK(training.start().photos == 5);
    CHECK(training.start().threads == 1);
    CHECK(training.start().architecture == setup.config.net.architecture());
    // The folder is locked while the object lives.
    CHECK(error_of([&] { Training(setup.config, true, {}); }).starts_with("usage: "));
    CHECK(!training.run(first, first.stop));
    CHECK(training.step() == 3);
    CHECK(training.skipped_photos() == 0);
  }
  CHECK(fs::exists(setup.config.run.folder / "metrics.jsonl"));
  CHECK(!fs::exists(setup.config.run.folder / run::kFinalWeightsName));
  StopAfter second(1000);
  CHECK(train(setup, true, second));
  CHECK(second.steps == 3);
  CHECK(fs::exists(setup.config.run.folder / run::kFinalWeightsName));
}

TEST_CASE("a training that cannot start leaves nothing behind") {
  SmallRun setup;
  setup.config.data.train = setup.folder / "none";
  CHECK(error_of([&] { Training(setup.config, false, {}); }).starts_with("data: "));
  CHECK(!fs::exists(setup.config.run.folder));
}

TEST_CASE("a run's configuration comes from a file, a run folder, or both") {
  const SmallRun setup;
  write_file_atomically(setup.config.run.folder / "config.yaml", config::to_yaml(setup.config, false));
  const std::string run = setup.config.run.folder.string(), copy = (setup.folder / "copy.yaml").string();
  write_file_atomically(copy, config::to_yaml(setup.config, false));
  CHECK(train_config(copy, {"train.steps=9"}, "").train.steps == 9);
  CHECK(train_config("", {}, run).train.steps == 6);
  fs::rename(run, run + "2");
  CHECK(train_config("", {}, run + "2").run.folder == run + "2");
  CHECK(train_config(copy, {}, run + "3").run.folder == run + "3");
  CHECK(contains(error_of([] { train_config("", {}, ""); }), "usage: train: expected a configuration file"));
  CHECK(contains(error_of([&] { train_config("", {}, run + "3"); }), "data: " + run + "3: expected the folder"));
}

TEST_CASE("threads: as asked, or the cores shared among processes") {
  const int cores = usable_processors();
  CHECK(thread_count(3) == 3);
  CHECK(thread_count(3, 8) == 3);
  CHECK(thread_count(0) == cores);
  CHECK(thread_count(0, 2) == std::max(1, cores / 2));
  CHECK(thread_count(0, 10000) == 1);
  set_threads(1);
  CHECK(threads_in_use() == 1);
}

TEST_CASE("photos: one to a file, several and folders below a folder with their names") {
  const SmallRun setup;
  const std::string net = save_net(setup, "net.safetensors").string();
  const auto styled = [&](const std::vector<std::string>& inputs, const fs::path& output, const std::string& format) {
    StylizeOptions options;
    options.inputs = {net};
    options.inputs.insert(options.inputs.end(), inputs.begin(), inputs.end());
    options.output = output;
    options.format = format;
    options.threads = 1;
    Stylizing stylizing(options);
    CHECK(!stylizing.is_video());
    std::vector<std::string> results;
    stylizing.photos([&](const stylize::PhotoOutcome& photo) {
      CHECK(photo.error.has_value() != fs::exists(photo.job.result));
      results.push_back(photo.job.result.lexically_relative(setup.folder.path()).string());
    });
    return results;
  };
  const std::string photo = (setup.folder / "held/a.png").string(), train = (setup.folder / "train").string();
  using Names = std::vector<std::string>;
  CHECK(styled({photo}, setup.folder / "one.jpg", "") == Names{"one.jpg"});
  CHECK(styled({photo}, setup.folder / "out", "webp") == Names{"out/a.webp"});
  CHECK(styled({photo, train}, setup.folder / "all", "") ==
        Names{"all/a.png", "all/0.png", "all/1.png", "all/2.png", "all/3.png", "all/4.png"});

  const auto error = [&](const std::vector<std::string>& inputs, const fs::path& output) {
    return error_of([&] { styled(inputs, output, ""); });
  };
  CHECK(contains(error({photo}, setup.folder / "one.jpg"), "usage: " + (setup.folder / "one.jpg").string()));
  CHECK(contains(error({photo}, photo), "is the photo itself"));
  CHECK(contains(error({photo, train}, setup.folder / "two.jpg"), "expected a folder for the results"));
  CHECK(contains(error({photo, photo}, setup.folder / "twice"), "would both be written to"));
  CHECK(contains(error({(setup.folder / "none.png").string()}, setup.folder / "x.png"), "data: "));
  CHECK(contains(error({}, setup.folder / "x.png"), "expected a model and photos"));
  CHECK(!fs::exists(setup.folder / "twice"));
}

TEST_CASE("a photo that fails: its error if it is the only one, else the others are still done") {
  const SmallRun setup;
  StylizeOptions options;
  options.inputs = {save_net(setup, "net.safetensors").string(), (setup.folder / "held").string()};
  options.output = setup.folder / "out";
  write_file_atomically(setup.folder / "held/broken.png", "no picture");
  std::size_t heard = 0;
  CHECK(error_of([&] { Stylizing(options).photos([&](const auto&) { ++heard; }); }) == "data: 1 of 2 photos failed");
  CHECK(heard == 2);
  CHECK(fs::exists(setup.folder / "out/a.png"));
  options.inputs.back() = (setup.folder / "held/broken.png").string();
  options.output = setup.folder / "out2";
  CHECK(contains(error_of([&] { Stylizing(options).photos([&](const auto&) { ++heard; }); }), "broken.png"));
  CHECK(heard == 2);
}

TEST_CASE("what is for videos only needs one") {
  const SmallRun setup;
  StylizeOptions options;
  options.inputs = {save_net(setup, "net.safetensors").string(), (setup.folder / "held/a.png").string()};
  options.output = setup.folder / "x.png";
  options.wants_video = true;
  CHECK(contains(error_of([&] { Stylizing{options}; }), "expected a video, found photos"));
}

TEST_CASE("an optimised picture is saved and compared with a model's") {
  const SmallRun setup;
  OptimizeOptions options;
  options.photo = setup.folder / "held/a.png";
  options.style = setup.config.style.image;
  options.overrides = {"style.size=48"};
  options.output = setup.folder / "result.png";
  options.models = {save_net(setup, "net.safetensors").string()};
  options.size = 32;
  options.threads = 1;
  options.optimizer.evaluations = 3;
  Optimizing optimizing(options);
  CHECK(optimizing.width() == 32);
  CHECK(optimizing.height() == 24);
  std::int64_t heard = 0;
  std::atomic<bool> stop{false};
  const auto outcome = optimizing.run([&](const optimize::Progress&) { ++heard; }, stop);
  CHECK(outcome.evaluations == 3);
  CHECK(heard == 3);
  CHECK(!outcome.stopped);
  CHECK(outcome.best.total() <= outcome.start.total());
  REQUIRE(outcome.pictures.size() == 3);
  CHECK(outcome.pictures[0].name == "optimised");
  CHECK(outcome.pictures[1].name == "the photo itself");
  CHECK(outcome.pictures[1].seconds == 0);
  CHECK(outcome.pictures[2].name == options.models.front());
  CHECK(outcome.pictures[2].seconds > 0);
  CHECK(media::load_image(options.output).width == 32);
  CHECK(error_of([&] { Optimizing{options}; }).starts_with("usage: "));  // the result exists

  options.force = true;
  stop = true;
  const auto stopped = Optimizing(options).run([](const optimize::Progress&) {}, stop);
  CHECK(stopped.stopped);
  CHECK(stopped.evaluations == 1);
  CHECK(stopped.pictures.size() == 1);
}

TEST_CASE("a report's subject is a preset, a configuration or a file") {
  const SmallRun setup;
  CHECK(report_subject("mini").architecture == config::find_preset("mini").architecture);
  write_file_atomically(setup.folder / "a.yaml", config::to_yaml(setup.config, false));
  CHECK(report_subject((setup.folder / "a.yaml").string()).architecture == setup.config.net.architecture());
  const auto file = report_subject(save_net(setup, "net.safetensors").string());
  CHECK(file.architecture == setup.config.net.architecture());
  CHECK(file.file->kind == "weights");
  CHECK(contains(error_of([] { report_subject("nothing"); }), "expected a preset (original, bottleneck"));
  report::Report report{.net = file, .baseline = report_subject("micro"), .height = 16, .width = 16};
  measure_latencies(report, 1);
  CHECK(report.threads == 1);
  CHECK(report.net.latency->median_ms > 0);
  CHECK(report.baseline.latency->median_ms > 0);
}

TEST_CASE("an export is named as its model unless it is given a name") {
  const SmallRun setup;
  exporting::ExportOptions options;
  options.formats = {exporting::ExportFormat::pt};
  const auto exported = export_model(save_net(setup, "wave.safetensors"), setup.folder / "out", "", options);
  CHECK(exported.architecture == setup.config.net.architecture());
  REQUIRE(exported.files.size() == 1);
  CHECK(exported.files[0].file.filename() == "wave.pt");
  CHECK(
      export_model(setup.folder / "wave.safetensors", setup.folder / "out", "sea", options).files[0].file.filename() ==
      "sea.pt");
  CHECK(error_of([&] { import_model("none", setup.folder / "wave.safetensors", false); }).starts_with("usage: "));
}

TEST_CASE("shipped models: what they are, and as the server publishes them") {
  const SmallRun setup;
  ::setenv("POCKETSTYLE_ASSETS", (setup.folder / "third_party").c_str(), 1);
  save_net(setup, "models/waves/mini.safetensors");
  media::save_image(setup.folder / "third_party/styles/waves.jpg", testing::synthetic_photo(1, 16, 16));
  save_net(setup, "models/dots/micro.safetensors");
  const auto summaries = shipped_summaries();
  REQUIRE(summaries.size() == 2);
  CHECK(summaries[1].name == "waves/mini");
  CHECK(summaries[1].steps == 6);
  CHECK(summaries[1].crop == 16);
  CHECK(summaries[1].bytes == fs::file_size(setup.folder / "models/waves/mini.safetensors"));
  const auto served = models_to_serve();
  REQUIRE(served.size() == 2);
  CHECK(served[0].style_picture.empty());
  CHECK(served[1].style_picture == setup.folder / "third_party/styles/waves.jpg");
  CHECK(served[1].weights == setup.folder / "models/waves/mini.safetensors");
  CHECK(served[1].metrics == setup.folder / "models/waves/mini.jsonl");
  write_file_atomically(setup.folder / "web/index.html", "page");
  CHECK(find_web_folder() == setup.folder / "web");
  ::unsetenv("POCKETSTYLE_ASSETS");
}

}  // namespace pocketstyle::workflows
