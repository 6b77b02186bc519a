// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/export/export.h"

#include "export/small_net.h"
#include "support/catch.h"
#include "support/temp_dir.h"

#include "pocketstyle/core/files.h"
#include "pocketstyle/export/torchscript.h"

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
using testing::kSmall;
using testing::small_net;

namespace {

torch::Tensor expected(const nn::LoadedNet& loaded, const torch::Tensor& x) {
  nn::StyleNet net = loaded.net;
  return torch::clamp(net->forward(x * 255) / 255, 0, 1);
}

std::size_t files_in(const std::filesystem::path& folder) {
  return static_cast<std::size_t>(
      std::distance(std::filesystem::directory_iterator(folder), std::filesystem::directory_iterator()));
}

}  // namespace

TEST_CASE("the TorchScript module equals every kind of network at every size") {
  const torch::NoGradGuard no_grad;
  const auto family = GENERATE(values<config::NetFamily>({kSmall,
                                                          {9, {4, 5, 6}, config::BlockKind::residual, 1, 0},
                                                          {1, {3, 4, 5}, config::BlockKind::residual, 0, 0},
                                                          {3, {2, 2, 2}, config::BlockKind::bottleneck, 3, 5}}));
  const nn::LoadedNet loaded = small_net(family);
  torch::jit::Module module = exporting::to_torchscript(loaded.net);
  const std::int64_t least = family.min_side();
  for (const std::int64_t height : {least, least + 1, least + 2, std::int64_t{33}, std::int64_t{64}})
    for (const std::int64_t width : {least, least + 3, std::int64_t{31}, std::int64_t{48}}) {
      const torch::Tensor x = torch::rand({2, 3, height, width});
      const torch::Tensor y = module.forward({x}).toTensor();
      INFO(config::describe(family) << " at " << height << "x" << width);
      REQUIRE(y.sizes() == x.sizes());
      CHECK(y.is_contiguous());
      CHECK((y - expected(loaded, x)).abs().max().item<double>() < 1e-4);
    }
}

TEST_CASE("a channels-last picture gives a contiguous result") {
  const torch::NoGradGuard no_grad;
  torch::jit::Module module = exporting::to_torchscript(small_net().net);
  const torch::Tensor x = torch::rand({1, 3, 20, 24});
  const torch::Tensor y = module.forward({x.contiguous(torch::MemoryFormat::ChannelsLast)}).toTensor();
  CHECK(y.is_contiguous());
  CHECK((y - module.forward({x}).toTensor()).abs().max().item<double>() < 1e-5);
}

TEST_CASE("an exported module has only plain operators, and is not in training") {
  torch::jit::Module module = exporting::to_torchscript(small_net().net);
  const std::set<std::string> plain = {
      "add",   "sub",        "mul",   "div",  "conv2d",           "instance_norm",     "relu",
      "clamp", "contiguous", "slice", "size", "reflection_pad2d", "upsample_nearest2d"};
  for (const torch::jit::Node* node : module.get_method("forward").graph()->nodes())
    if (node->kind().is_aten()) {
      INFO(node->kind().toUnqualString());
      CHECK(plain.count(node->kind().toUnqualString()) == 1);
    }
  CHECK_FALSE(module.is_training());
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
    CHECK(manifest["input"]["min_side"] == kSmall.min_side());
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
  CHECK((pt.forward({x}).toTensor() - expected(loaded, x)).abs().max().item<double>() < 1e-5);
  CHECK((lite.forward({x}).toTensor() - expected(loaded, x)).abs().max().item<double>() < 1e-5);
  nn::LoadedNet back = nn::load_net(folder / "new/wave.safetensors");
  CHECK(torch::equal(expected(back, x), expected(loaded, x)));
}

TEST_CASE("an existing file is only replaced with force") {
  const testing::TempDir folder;
  const nn::LoadedNet loaded = small_net();
  write_file_atomically(folder / "a.pt", "mine");
  const std::string error = error_of([&] { exporting::export_net(loaded, folder.path(), "a"); });
  CHECK(contains(error, "usage: "));
  CHECK(contains(error, "a.pt: is there already"));
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
  const std::string error = error_of([&] { exporting::export_net(loaded, folder.path(), "a", strict); });
  INFO(error);
  CHECK(contains(error, "verification: "));
  CHECK(files_in(folder.path()) == 0);
  loaded.net->deconv3->conv2d->bias.fill_(std::nan(""));
  CHECK(contains(error_of([&] { exporting::export_net(loaded, folder.path(), "a"); }), "verification: "));
  CHECK(files_in(folder.path()) == 0);
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
  CHECK(contains(error_of([] { exporting::format_from_string("onnx"); }), "expected pt, ptl"));
}
