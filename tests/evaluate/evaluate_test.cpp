// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/evaluate/evaluate.h"

#include "evaluate/lpips_file.h"
#include "support/catch.h"
#include "support/exported_net.h"
#include "support/temp_dir.h"

#include "pocketstyle/config/load.h"
#include "pocketstyle/core/files.h"
#include "pocketstyle/data/photos.h"

#include <torch/script.h>

using namespace pocketstyle;
using testing::contains;
using testing::error_of;

namespace {

void make_files(const testing::TempDir& folder) {
  testing::save_and_export_net(folder, {exporting::ExportFormat::ptl, exporting::ExportFormat::onnx});
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
    // 48 pixels are too few for it; and there is no NIMA network.
    for (const char* key : {"border_error", "border_detail", "grid_energy", "nima_mean"})
      CHECK_FALSE(one.values.contains(key));
    // Rounding errors are amplified on a plain picture's flat features; 0.1% is far below the effect of a wrong
    // network.
    CHECK(evaluate::mean(one, "content").value > 0);
    CHECK(std::abs(evaluate::difference_percent(one, all.front(), "total").value) < 0.1);
    CHECK(evaluate::difference(one, all.front(), "ssim").value == Approx(0).margin(1e-3));
  }
  config.data.held_out.clear();
  CHECK(contains(error_of([&] { evaluate::evaluate(config, subjects); }), "usage: data.held_out"));
}

TEST_CASE("every metric that is measured is declared, and with the networks of NIMA and LPIPS none is left out") {
  const testing::TempDir folder;
  make_files(folder);
  torch::jit::Module nima("Nima");
  nima.define("def forward(self, x: Tensor) -> Tensor:\n  return torch.zeros([1, 10])\n");
  nima.save((folder / "nima.pt").string());
  nn::write_safetensors(folder / "lpips.safetensors", testing::two_channels());
  config::Config config = small_config();
  config.data.held_out_photos = 1;
  config.data.held_out_size = 128;
  const std::vector<evaluate::Subject> subjects{{"net", {folder / "net.ptl"}}};
  const evaluate::Options options{.nima = folder / "nima.pt", .lpips = folder / "lpips.safetensors", .optimizing = 3};
  auto values = evaluate::evaluate(config, subjects, options).front().values;
  CHECK(values.at("nima_mean").front().front() == Approx(5.5));
  CHECK(values.at("loss_ratio").front().front() > 1);  // a random network's picture is far from optimised
  CHECK(values.at("style_reached").front().front() < 1);
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
