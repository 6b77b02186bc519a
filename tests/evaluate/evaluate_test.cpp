// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/evaluate/evaluate.h"

#include "support/catch.h"
#include "support/temp_dir.h"

#include "pocketstyle/config/load.h"
#include "pocketstyle/core/files.h"
#include "pocketstyle/export/export.h"
#include "pocketstyle/nn/weights.h"

using namespace pocketstyle;
using testing::contains;
using testing::error_of;

namespace {

evaluate::Evaluation of(std::vector<double> totals) {
  evaluate::Evaluation evaluation;
  for (const double total : totals) evaluation.photos.push_back({total / 2, total / 4, total / 4});
  return evaluation;
}

/// A small network's weights and exports in FOLDER.
void make_files(const testing::TempDir& folder) {
  torch::manual_seed(6);
  nn::StyleNet net(config::NetFamily{3, {4, 6, 8}, config::BlockKind::residual, 1, 0});
  nn::save_net(folder / "net.safetensors", net, {});
  exporting::export_net(nn::load_net(folder / "net.safetensors"), folder.path(), "net",
                        {.formats = {exporting::ExportFormat::ptl, exporting::ExportFormat::onnx}});
}

}  // namespace

TEST_CASE("the mean is over the photos, term by term") {
  const evaluate::PhotoLoss mean = of({4, 8}).mean();
  CHECK(mean.content == 3.0);
  CHECK(mean.style == 1.5);
  CHECK(mean.total() == 6.0);
}

TEST_CASE("a paired difference has an interval around it") {
  const auto base = of({100, 200, 300, 50, 80});
  const auto same = evaluate::compare(base, base);
  CHECK(same.percent == 0.0);
  CHECK(same.high_percent == 0.0);
  const auto tenth = evaluate::compare(of({110, 220, 330, 55, 88}), base);  // the same share on every photo
  CHECK(tenth.percent == Approx(10));
  CHECK(tenth.low_percent == Approx(10));
  CHECK(tenth.high_percent == Approx(10));
  const auto mixed = evaluate::compare(of({120, 190, 310, 60, 70}), base);
  CHECK(mixed.low_percent < mixed.percent);
  CHECK(mixed.percent < mixed.high_percent);
  CHECK(evaluate::compare(of({120, 190, 310, 60, 70}), base).low_percent == mixed.low_percent);
  CHECK(contains(error_of([&] { evaluate::compare(of({1}), base); }), "usage: "));
}

TEST_CASE("weights and their exports have the same held-out loss") {
  const testing::TempDir folder;
  make_files(folder);
  config::Config config;
  config.style.image = find_asset("styles/starry_night.jpg");
  config.style.size = 64;
  config.loss.vgg = find_asset("vgg16/vgg16_conv4_3.safetensors");
  config.data.held_out = find_asset("photos/val");
  config.data.held_out_photos = 2;
  config.data.held_out_size = 48;
  const std::vector<std::filesystem::path> files{folder / "net.safetensors", folder / "net.ptl", folder / "net.onnx"};
  const auto all = evaluate::evaluate(config, files);
  REQUIRE(all.size() == 3);
  // Rounding is amplified on a plain picture's flat features; a tenth of a percent is far below what a wrong net costs.
  for (const auto& one : all) {
    REQUIRE(one.photos.size() == 2);
    CHECK(one.mean().content > 0);
    CHECK(std::abs(evaluate::compare(one, all.front()).percent) < 0.1);
  }
  config.data.held_out.clear();
  CHECK(contains(error_of([&] { evaluate::evaluate(config, files); }), "usage: data.held_out"));
}
