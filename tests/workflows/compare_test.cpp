// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/workflows/compare.h"

#include "support/catch.h"
#include "support/small_run.h"
#include "workflows/comparison_parts.h"

#include "pocketstyle/core/files.h"
#include "pocketstyle/media/quality.h"
#include "pocketstyle/nn/weights.h"
#include "pocketstyle/run/metadata.h"
#include "pocketstyle/workflows/evaluate.h"
#include "pocketstyle/workflows/subjects.h"

#include <torch/script.h>

#include <cmath>

namespace pocketstyle::workflows {
namespace {

namespace fs = std::filesystem;
using testing::contains, testing::error_of, testing::SmallRun, testing::TempDir;

evaluate::Evaluation evaluation(const std::string& name, double total, double border_line) {
  evaluate::Evaluation one{.name = name, .files = {name}, .photos = {"a.png", "b.png"}, .values = {}};
  one.values["total"] = {{total, total}};
  one.values["border_line"] = {{border_line, border_line}};
  return one;
}

}  // namespace

TEST_CASE("a model is called as its run or its file") {
  const TempDir folder;
  fs::create_directories(folder / "runs/wave");
  CHECK(model_name(folder / "runs/wave") == "wave");
  CHECK(model_name(folder / "runs/wave/") == "wave");
  CHECK(model_name(folder / "runs/wave/final.safetensors") == "wave");
  CHECK(model_name(folder / "out/wave.fp16.ptl") == "wave.fp16");
}

TEST_CASE("subjects are one file, or several of different seeds, with a name or without") {
  const TempDir folder;
  for (const char* name : {"a.ptl", "b.pt", "c=d.pt", "e,f.pt"}) write_file_atomically(folder / name, "");
  const auto path = [&](const std::string& name) { return (folder / name).string(); };
  const auto subjects = parse_subjects({path("a.ptl"), "two=" + path("a.ptl") + "," + path("b.pt"), path("c=d.pt"),
                                        path("e,f.pt"), "last=" + path("b.pt") + "," + path("e,f.pt")});
  REQUIRE(subjects.size() == 5);
  CHECK(subjects[0].name == "a.ptl");
  CHECK(subjects[1].name == "two");
  CHECK(subjects[1].files == std::vector<fs::path>{folder / "a.ptl", folder / "b.pt"});
  CHECK(subjects[2].name == "c=d.pt");
  CHECK(subjects[3].files == std::vector<fs::path>{folder / "e,f.pt"});
  CHECK(subjects[4].files == std::vector<fs::path>{folder / "b.pt", folder / "e,f.pt"});
  CHECK(contains(error_of([&] { parse_subjects({path("a.ptl"), "a.ptl=" + path("b.pt")}); }), "is taken"));
  CHECK(contains(error_of([&] { parse_subjects({"two=" + path("a.ptl") + ","}); }), "found an empty file"));
  CHECK(contains(error_of([&] { parse_subjects({"=" + path("a.ptl")}); }), "expected a name before '='"));
  CHECK(error_of([&] { parse_subjects({path("none")}); }) == "data: " + path("none") + ": no such file or run folder");
}

TEST_CASE("a comparison takes means, and differences to the first network in the metric's terms") {
  report::Comparison comparison;
  comparison.networks = {{.name = "large", .architecture = {}}, {.name = "small", .architecture = {}}};
  evaluate::Evaluation large = evaluation("large", 200, -3), small = evaluation("small", 210, -1);
  small.values["ssim"] = {{0.5, 0.7}};  // which the baseline lacks
  evaluate::Evaluation photos{.name = "the photos", .files = {""}, .photos = large.photos, .values = {}};
  photos.values["grid_energy"] = {{1.0, 1.5}};
  add_scores({large, small}, photos, comparison);

  CHECK(comparison.conditions.held_out_photos == 2);
  CHECK(comparison.metrics.size() == evaluate::metrics().size());
  CHECK(comparison.metrics.front().key == evaluate::metrics().front().key);
  const auto& scores = comparison.networks[1].scores;
  CHECK(scores.at("total").mean.value == 210);
  CHECK(scores.at("total").difference->value == Approx(5));        // percent
  CHECK(scores.at("border_line").difference->value == Approx(2));  // levels: around zero, percent mean nothing
  CHECK(scores.at("ssim").mean.value == Approx(0.6));
  CHECK(!scores.at("ssim").difference);
  CHECK(!scores.contains("flicker"));
  CHECK(comparison.networks[0].scores.at("total").difference->value == 0);
  CHECK(comparison.photo_scores.size() == 1);
  CHECK(comparison.photo_scores.at("grid_energy").value == Approx(1.25));
}

TEST_CASE("photos too small for one metric still have the others") {
  SmallRun setup;  // a photo of 64x48 pixels; grid energy needs 64 per side
  torch::jit::Module module("Nima");
  module.define("def forward(self, x: Tensor) -> Tensor:\n  return torch.zeros([1, 10])\n");
  module.save((setup.folder / "nima.pt").string());
  setup.config.data.held_out_size = 48;
  const auto photos = evaluate::evaluate_photos(setup.config, {.nima = setup.folder / "nima.pt"});
  CHECK(!photos.values.contains("grid_energy"));
  CHECK(evaluate::mean(photos, "nima_mean").value == Approx(5.5));
  CHECK(evaluate::mean(photos, "nima_spread").value == Approx(std::sqrt(8.25)));
  try {
    const media::Brisque here;
    CHECK(photos.values.contains("brisque"));
  } catch (const DataError&) {
    CHECK(!photos.values.contains("brisque"));
  }
}

TEST_CASE("networks that are compared say their style, runs and curves") {
  const SmallRun setup;
  const config::Architecture architecture = setup.config.net.architecture();
  const auto save = [&](const fs::path& file, const config::Architecture& numbers) {
    nn::save_net(file, nn::StyleNet(numbers), {{run::kProvenanceKey, R"({"style":"/styles/waves.jpg"})"}});
  };
  for (const char* run : {"run1", "run2"}) save(setup.folder / (std::string(run) + "/final.safetensors"), architecture);
  write_file_atomically(setup.folder / "run1/metrics.jsonl", R"({"kind":"step","step":1,"loss":{"total":5}}
)");
  save(setup.folder / "other.safetensors", config::find_preset("micro").architecture);
  const auto networks = describe_subjects({{"two", {setup.folder / "run1", setup.folder / "run2"}}});
  REQUIRE(networks.size() == 1);
  CHECK(networks[0].name == "two");
  CHECK(networks[0].style == "waves");
  CHECK(networks[0].runs == 2);
  CHECK(networks[0].architecture == architecture);
  REQUIRE(networks[0].curves.size() == 1);  // from the run that has one
  CHECK(networks[0].curves[0].training[0].loss == 5);
  CHECK(contains(error_of([&] {
                   describe_subjects({{"two", {setup.folder / "run1", setup.folder / "other.safetensors"}}});
                 }),
                 "is a different network than"));
}

TEST_CASE("pictures of a comparison are small, and one a photo") {
  const SmallRun setup;
  nn::save_net(setup.folder / "net.safetensors", nn::StyleNet(setup.config.net.architecture()), {});
  write_file_atomically(setup.folder / "held/broken.png", "");
  report::Comparison comparison;
  comparison.networks = {{.name = "net", .architecture = {}}};
  add_pictures({{"net", {setup.folder / "net.safetensors"}}}, setup.config.data.held_out, 3, setup.folder.path(),
               comparison);
  REQUIRE(comparison.photos.size() == 1);
  CHECK(comparison.photos[0].name == "a");
  CHECK(comparison.photos[0].picture.width == 640);
  REQUIRE(comparison.networks[0].pictures.size() == 1);
  CHECK(comparison.networks[0].pictures[0].height == 480);
  CHECK(comparison.networks[0].pictures[0].data_uri.starts_with("data:image/jpeg;base64,"));
}

TEST_CASE("what cannot be compared or evaluated is named before anything is measured") {
  const SmallRun setup;
  nn::save_net(setup.folder / "net.safetensors", nn::StyleNet(setup.config.net.architecture()), {});
  const std::string net = (setup.folder / "net.safetensors").string();
  CHECK(contains(error_of([&] { compare({}, parse_subjects({net})); }), "expected two networks or more, found 1"));
  CHECK(contains(error_of([&] { compare({}, parse_subjects({net, "other=" + net})); }), "expected --config"));
  EvaluateOptions options;
  options.subjects = {net};
  CHECK(contains(error_of([&] { evaluate_subjects(options); }), "expected --config"));
  options.baseline = "none";
  CHECK(contains(error_of([&] { evaluate_subjects(options); }), "--baseline none: expected the name"));
}

}  // namespace pocketstyle::workflows
