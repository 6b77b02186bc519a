// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/evaluate/evaluate.h"

#include "support/catch.h"
#include "support/temp_dir.h"

#include "pocketstyle/config/load.h"
#include "pocketstyle/core/files.h"
#include "pocketstyle/data/photos.h"
#include "pocketstyle/export/export.h"
#include "pocketstyle/nn/weights.h"

#include <torch/script.h>

using namespace pocketstyle;
using testing::contains;
using testing::error_of;

namespace {

/// A small network's weights and exports in FOLDER.
void make_files(const testing::TempDir& folder) {
  torch::manual_seed(6);
  nn::StyleNet net(config::Architecture{3, {4, 6, 8}, config::BlockKind::residual, 1, 0});
  nn::save_net(folder / "net.safetensors", net, {});
  exporting::export_net(nn::load_net(folder / "net.safetensors"), folder.path(), "net",
                        {.formats = {exporting::ExportFormat::ptl, exporting::ExportFormat::onnx}});
}

config::Config small_config() {
  config::Config config;
  config.style.image = find_asset("styles/starry_night.jpg");
  config.style.size = 64;
  config.loss.vgg = find_asset("vgg16/vgg16_conv4_3.safetensors");
  config.data.held_out = find_asset("photos/val");
  config.data.held_out_photos = 2;
  config.data.held_out_size = 48;
  return config;
}

}  // namespace

TEST_CASE("weights and their exports have the same values") {
  const testing::TempDir folder;
  make_files(folder);
  config::Config config = small_config();
  const std::vector<evaluate::Subject> subjects{
      {"weights", {folder / "net.safetensors"}},
      {"lite", {folder / "net.ptl"}},
      {"both", {folder / "net.onnx", folder / "net.safetensors"}},
  };
  const auto all = evaluate::evaluate(config, subjects);
  REQUIRE(all.size() == 3);
  for (const auto& one : all) {
    CHECK(one.photos == all.front().photos);
    CHECK(one.photos.size() == 2);
    REQUIRE(one.values.contains("total"));
    CHECK(one.values.at("total").size() == one.files.size());
    CHECK(one.values.at("total").back().size() == 2);
    for (const char* key : {"ssim", "vgg_distance", "border_line", "flicker"}) CHECK(one.values.contains(key));
    // Of 48 pixels, too small; and no network was given.
    for (const char* key : {"border_error", "grid_energy", "nima_mean"}) CHECK_FALSE(one.values.contains(key));
    // Rounding is amplified on a plain picture's flat features; 0.1% is far below what a wrong net costs.
    CHECK(evaluate::mean(one, "content").value > 0);
    CHECK(std::abs(evaluate::difference_percent(one, all.front(), "total").value) < 0.1);
    CHECK(evaluate::difference(one, all.front(), "ssim").value == Approx(0).margin(1e-3));
  }
  config.data.held_out.clear();
  CHECK(contains(error_of([&] { evaluate::evaluate(config, subjects); }), "usage: data.held_out"));
}

TEST_CASE("every metric that is measured is declared, and with a NIMA network none is left out") {
  const testing::TempDir folder;
  make_files(folder);
  torch::jit::Module nima("Nima");
  nima.define("def forward(self, x: Tensor) -> Tensor:\n  return torch.zeros([1, 10])\n");
  nima.save((folder / "nima.pt").string());
  config::Config config = small_config();
  config.data.held_out_photos = 1;
  config.data.held_out_size = 128;
  const std::vector<evaluate::Subject> subjects{{"net", {folder / "net.ptl"}}};
  auto values = evaluate::evaluate(config, subjects, {.nima = folder / "nima.pt"}).front().values;
  CHECK(values.at("nima_mean").front().front() == Approx(5.5));
  for (const results::Metric& metric : evaluate::metrics()) {
    INFO(metric.key);
    if (metric.key != "brisque") CHECK(values.contains(metric.key));
    values.erase(std::string(metric.key));
  }
  CHECK(values.empty());
}

TEST_CASE("a file for pictures of one size is measured on those, without what needs others") {
  const testing::TempDir folder;
  make_files(folder);
  config::Config config = small_config();
  config.data.held_out_photos = 1;
  config.data.held_out_size = 128;
  const auto size = data::load_validation_photos(config.data).front().sizes().vec();
  exporting::export_net(nn::load_net(folder / "net.safetensors"), folder.path(), "static",
                        {.formats = {exporting::ExportFormat::onnx}, .static_hw = {{size[2], size[3]}}});
  const std::vector<evaluate::Subject> subjects{{"static", {folder / "static.onnx"}}};
  const auto values = evaluate::evaluate(config, subjects).front().values;
  CHECK(values.contains("grid_energy"));
  CHECK_FALSE(values.contains("border_error"));
  CHECK_FALSE(values.contains("flicker"));
}
