// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/export/export.h"

#include "export/small_net.h"
#include "support/catch.h"
#include "support/pictures.h"
#include "support/temp_dir.h"

#include "pocketstyle/core/files.h"

#include <nlohmann/json.hpp>
#include <torch/csrc/jit/mobile/import.h>
#include <torch/csrc/jit/mobile/module.h>
#include <torch/script.h>

#include <algorithm>
#include <set>

using namespace pocketstyle;
using exporting::ExportFormat;
using testing::contains;
using testing::error_of;
using testing::expected;
using testing::kSmall;
using testing::largest;
using testing::small_net;

namespace {

std::size_t files_in(const std::filesystem::path& folder) {
  return static_cast<std::size_t>(
      std::distance(std::filesystem::directory_iterator(folder), std::filesystem::directory_iterator()));
}

}  // namespace

TEST_CASE("separable blocks, and networks without layers at full size, are exported in every format and precision") {
  const torch::NoGradGuard no_grad;
  const testing::TempDir folder;
  const config::Architecture architecture = GENERATE(values<config::Architecture>(
      {{3, {4, 6, 8}, config::BlockKind::separable, 2, 12}, {7, {0, 6, 8}, config::BlockKind::bottleneck, 2, 4}}));
  const auto results = exporting::export_net(
      small_net(architecture), folder.path(), "a",
      {.formats = {ExportFormat::pt, ExportFormat::ptl, ExportFormat::onnx, ExportFormat::onnx_u8,
                   ExportFormat::onnx_rgba, ExportFormat::tflite, ExportFormat::tflite_rgba},
       .precisions = {exporting::Precision::fp32, exporting::Precision::fp16, exporting::Precision::int8}});
  REQUIRE(results.size() == 21);
  for (const auto& result : results) CHECK_FALSE(result.parity.empty());
}

TEST_CASE("a record of training nested so deep that writing it would overflow the stack stays text in the manifest") {
  const torch::NoGradGuard no_grad;
  const testing::TempDir folder;
  nn::LoadedNet loaded = small_net();
  loaded.metadata["pocketstyle.run"] = std::string(300000, '[') + std::string(300000, ']');
  const auto results = exporting::export_net(loaded, folder.path(), "deep", {.formats = {ExportFormat::safetensors}});
  const auto manifest = nlohmann::json::parse(read_file(results.at(0).manifest));
  CHECK(manifest["pocketstyle.run"] == loaded.metadata["pocketstyle.run"]);
}

TEST_CASE("exported files run by themselves, and their manifests tell the truth") {
  const torch::NoGradGuard no_grad;
  const testing::TempDir folder;
  const nn::LoadedNet loaded = small_net();
  const auto results = exporting::export_net(
      loaded, folder / "new", "wave", {.formats = {ExportFormat::safetensors, ExportFormat::ptl, ExportFormat::pt}});
  REQUIRE(results.size() == 3);
  CHECK(files_in(folder / "new") == 6);
  for (const auto& result : results) {
    INFO(result.file.string());
    const auto manifest = nlohmann::json::parse(read_file(result.manifest));
    const std::string bytes = read_file(result.file);
    CHECK(manifest["file"] == result.file.filename().string());
    CHECK(manifest["bytes"] == bytes.size());
    CHECK(manifest["sha256"] == sha256_hex(bytes));
    CHECK(manifest["pocketstyle.run"]["style"] == "wave.jpg");
    CHECK(manifest["pocketstyle.net"]["kernel"] == 5);
    CHECK(manifest["input"]["min_side"] == network::min_side(kSmall));
    CHECK(manifest["versions"]["libtorch"] == TORCH_VERSION);
    CHECK(manifest["versions"].contains("bytecode") == (result.format == ExportFormat::ptl));
    REQUIRE(manifest["parity"].size() >= 3);
    for (const auto& parity : manifest["parity"]) {
      CHECK(parity["max_difference"].get<double>() <= 1e-4);
      CHECK(parity["pictures"] == 3);
    }
    CHECK(result.max_difference() <= 1e-4);
  }
  const torch::Tensor x = torch::rand({1, 3, 37, 50});
  auto pt = torch::jit::load((folder / "new/wave.pt").string());
  auto lite = torch::jit::_load_for_mobile((folder / "new/wave.ptl").string());
  CHECK(lite.bytecode_version() == 8);
  CHECK(largest(pt.forward({x}).toTensor(), expected(loaded.net, x)) < 1e-5);
  CHECK(largest(lite.forward({x}).toTensor(), expected(loaded.net, x)) < 1e-5);
  const nn::LoadedNet back = nn::load_net(folder / "new/wave.safetensors");
  CHECK(torch::equal(expected(back.net, x), expected(loaded.net, x)));
}

TEST_CASE("older Lite bytecode runs the same") {
  const torch::NoGradGuard no_grad;
  const testing::TempDir folder;
  const nn::LoadedNet loaded = small_net();
  const auto precision = GENERATE(values({exporting::Precision::fp32, exporting::Precision::int8}));
  for (const std::int64_t version : {5, 6, 7}) {
    const auto results =
        exporting::export_net(loaded, folder.path(), "v" + std::to_string(version),
                              {.formats = {ExportFormat::ptl}, .precisions = {precision}, .bytecode = version});
    CHECK(torch::jit::_load_for_mobile(results[0].file.string()).bytecode_version() == version);
  }
}

TEST_CASE("references hold what goes in and what must come out") {
  const testing::TempDir folder;
  exporting::export_net(small_net(), folder.path(), "a",
                        {.formats = {ExportFormat::onnx_rgba}, .references = folder / "references"});
  const auto index = nlohmann::json::parse(read_file(folder / "references/index.json"));
  REQUIRE(index["cases"].size() == 15);
  for (const auto& entry : index["cases"]) {
    CHECK(entry["model"] == "a.rgba.onnx");
    CHECK(entry["dtype"] == "uint8");
    const auto shape = entry["shape"].get<std::vector<std::size_t>>();
    const std::string name = "references/" + entry["case"].get<std::string>();
    const std::string in = read_file(folder / (name + ".in.bin")), out = read_file(folder / (name + ".out.bin"));
    REQUIRE(in.size() == shape[0] * shape[1] * 4);
    REQUIRE(out.size() == in.size());
    CHECK(in != out);
    for (std::size_t i = 3; i < in.size(); i += 4) REQUIRE(in[i] == out[i]);
  }
}

TEST_CASE("an existing file is only replaced with force") {
  const testing::TempDir folder;
  const nn::LoadedNet loaded = small_net();
  write_file_atomically(folder / "a.pt", "mine");
  const std::string error = error_of([&] { exporting::export_net(loaded, folder.path(), "a"); });
  CHECK(contains(error, "usage: "));
  CHECK(contains(error, "a.pt: already exists"));
  CHECK(read_file(folder / "a.pt") == "mine");
  CHECK(files_in(folder.path()) == 1);
  exporting::export_net(loaded, folder.path(), "a", {.force = true});
  CHECK(read_file(folder / "a.pt") != "mine");
}

TEST_CASE("an export beyond the tolerance leaves nothing behind") {
  const torch::NoGradGuard no_grad;
  const testing::TempDir folder;
  nn::LoadedNet loaded = small_net();
  const exporting::ExportOptions strict{.tolerance = 1e-30};
  for (const auto& result : exporting::export_net(loaded, folder / "new", "a", strict)) {
    INFO(result.file.string());
    const bool bytes = contains(result.file.string(), ".u8.") || contains(result.file.string(), ".rgba.");
    if (!bytes) CHECK_FALSE(result.written());  // bytes are allowed to be rounded
    CHECK(std::filesystem::exists(result.file) == result.written());
    CHECK(std::filesystem::exists(result.manifest) == result.written());
  }
  const std::string error = error_of([&] { exporting::export_all(loaded, folder.path(), "a", strict); });
  INFO(error);
  CHECK(contains(error, "verification: "));
  CHECK(contains(error, "a.pt: not written: at 64x64 the torchscript runtime differs"));
  CHECK(contains(error, "at most 1e-30 is allowed"));
  loaded.net->convs.back()->conv2d->bias.fill_(std::nan(""));
  for (const auto& result : exporting::export_net(loaded, folder / "nan", "a")) CHECK_FALSE(result.written());
  CHECK_FALSE(std::filesystem::exists(folder / "nan"));
}

TEST_CASE("a file that fails does not keep the others back") {
  const testing::TempDir folder;
  const auto results =
      exporting::export_net(small_net(), folder.path(), "a",
                            {.formats = {ExportFormat::onnx, ExportFormat::safetensors},
                             .precisions = {exporting::Precision::fp32, exporting::Precision::int8_static},
                             .calibration = find_asset("photos/val"),
                             .max_mean_diff_percent = 1e-9,
                             .references = folder / "references"});
  REQUIRE(results.size() == 3);
  CHECK(results[0].written());
  CHECK(results[1].written());
  CHECK(contains(results[2].failure, "at most 0.00% is allowed (--max-mean-diff)"));
  CHECK(std::filesystem::exists(folder / "a.onnx.json"));
  CHECK(std::filesystem::exists(folder / "a.safetensors"));
  CHECK(files_in(folder.path()) == 5);  // two files with manifests, the references
  const auto index = nlohmann::json::parse(read_file(folder / "references/index.json"));
  for (const auto& entry : index["cases"]) CHECK(entry["model"] == "a.onnx");
  const auto json = nlohmann::json::parse(exporting::to_json(results))["files"];
  CHECK(json[0]["written"] == true);
  CHECK(json[0]["failure"].is_null());
  CHECK(json[2]["file"] == "a.int8-static.onnx");
  CHECK(json[2]["written"] == false);
  CHECK(json[2]["failure"] == results[2].failure);
}

TEST_CASE("the tolerance follows from what float32 costs the network, within bounds") {
  CHECK(exporting::tolerance_for(0) == exporting::kLeastTolerance);
  CHECK(exporting::tolerance_for(2e-5) == Approx(exporting::kToleranceFactor * 2e-5));
  CHECK(exporting::tolerance_for(1) == exporting::kMostTolerance);
  CHECK(exporting::kMostTolerance < 0.7 * 0.5 / 255);

  const testing::TempDir folder;
  const auto results = exporting::export_all(small_net(), folder.path(), "a", {.formats = {ExportFormat::ptl}});
  const auto manifest = nlohmann::json::parse(read_file(results[0].manifest));
  CHECK(results[0].conditioning > 0);
  CHECK(manifest["conditioning"] == results[0].conditioning);
  CHECK(manifest["tolerance_factor"] == exporting::kToleranceFactor);
  CHECK(manifest["tolerance"] == exporting::tolerance_for(results[0].conditioning));
  const auto asked =
      exporting::export_all(small_net(), folder.path(), "b", {.formats = {ExportFormat::ptl}, .tolerance = 0.5});
  const auto explicit_manifest = nlohmann::json::parse(read_file(asked[0].manifest));
  CHECK(explicit_manifest["tolerance"] == 0.5);
  CHECK_FALSE(explicit_manifest.contains("tolerance_factor"));
}

TEST_CASE("a fixed size is for the formats that can have one") {
  const testing::TempDir folder;
  const auto results = exporting::export_all(
      small_net(), folder.path(), "a", {.formats = {ExportFormat::ptl, ExportFormat::onnx}, .static_hw = {{40, 56}}});
  CHECK(results[0].parity.size() == 5);
  for (const auto& parity : results[1].parity) CHECK((parity.height == 40 && parity.width == 56));
}

TEST_CASE("files are verified by the runtimes that their format names") {
  const testing::TempDir folder;
  for (const auto& result : exporting::export_all(small_net(), folder.path(), "a"))
    for (const auto& parity : result.parity)
      CHECK(contains(std::string(formats::spec_of(result.format).runtimes), parity.runtime));
}

TEST_CASE("options that cannot be are refused") {
  const testing::TempDir folder;
  const nn::LoadedNet loaded = small_net();
  const auto error = [&](const std::string& name, const exporting::ExportOptions& options) {
    return error_of([&] { exporting::export_net(loaded, folder.path(), name, options); });
  };
  CHECK(contains(error("a/b", {}), "usage: "));
  CHECK(contains(error("", {}), "usage: "));
  CHECK(contains(error("a", {.tolerance = 0}), "usage: "));
  CHECK(contains(error("a", {.formats = {}}), "usage: "));
  CHECK(contains(error_of([] { formats::format_from_string("mlmodel"); }), "expected pt, ptl"));
}
