// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/evaluate/nima.h"

#include "export/onnx_model.h"
#include "support/catch.h"
#include "support/temp_dir.h"

#include "pocketstyle/core/files.h"

#include <torch/script.h>

using namespace pocketstyle;
using testing::contains;
using testing::error_of;

namespace {

std::filesystem::path torchscript(const testing::TempDir& folder, const std::string& body) {
  torch::jit::Module module("Nima");
  module.define("def forward(self, x: Tensor) -> Tensor:\n" + body);
  module.save((folder / "nima.pt").string());
  return folder / "nima.pt";
}

evaluate::Nima::Score score(const std::filesystem::path& path, double level = 128) {
  return evaluate::Nima(path).score(torch::full({1, 3, 40, 60}, level));
}

}  // namespace

TEST_CASE("the ten bins' mean and deviation are the score") {
  const testing::TempDir folder;
  const auto even = score(torchscript(folder, "  return torch.zeros([1, 10])\n"));  // logits
  CHECK(even.mean == Approx(5.5));
  CHECK(even.spread == Approx(std::sqrt(8.25)));
  const auto sure = score(torchscript(folder, "  p = torch.zeros([1, 10])\n  p[0, 6] = 1.0\n  return p\n"));
  CHECK(sure.mean == Approx(7));
  CHECK(sure.spread == Approx(0).margin(1e-6));
  const auto split =
      score(torchscript(folder, "  p = torch.zeros([1, 10])\n  p[0, 1] = 0.5\n  p[0, 7] = 0.5\n  return p\n"));
  CHECK(split.mean == Approx(5));
  CHECK(split.spread == Approx(3));
}

TEST_CASE("the network sees 224x224 RGB with ImageNet's normalisation") {
  const testing::TempDir folder;
  // All mass on bin 3 if the mean of red is that of level 255, else on bin 9.
  const auto path = torchscript(folder,
                                "  ok = (x[0, 0].mean() - (1 - 0.485) / 0.229).abs() < 1e-4\n"
                                "  size = x.size(2) == 224 and x.size(3) == 224\n"
                                "  p = torch.zeros([1, 10])\n"
                                "  if bool(ok) and size:\n    p[0, 2] = 1.0\n"
                                "  else:\n    p[0, 8] = 1.0\n"
                                "  return p\n");
  CHECK(score(path, 255).mean == Approx(3));
  CHECK(score(path, 0).mean == Approx(9));
}

TEST_CASE("an ONNX network runs too") {
  const testing::TempDir folder;
  exporting::OnnxModel model;
  model.nodes = {{.op = "GlobalAveragePool", .inputs = {"x"}, .output = "mean", .attributes = {}},
                 {.op = "Conv",
                  .inputs = {"mean", "weight", "bias"},
                  .output = "y",
                  .attributes = {{"kernel_shape", std::vector<std::int64_t>{1, 1}}}}};
  const torch::Tensor bias = torch::full({10}, -100.0F);
  bias[3] = 0;  // after the softmax, all of it
  model.initializers = {{"weight", torch::zeros({10, 3, 1, 1})}, {"bias", bias}};
  model.inputs = {{"x", torch::kFloat32, {1, 3, 224, 224}}};
  model.outputs = {{"y", torch::kFloat32, {1, 10, 1, 1}}};
  write_file_atomically(folder / "nima.onnx", exporting::to_onnx_bytes(model));
  CHECK(score(folder / "nima.onnx").mean == Approx(4));
  write_file_atomically(folder / "broken.onnx", "no network");
  CHECK(contains(error_of([&] { score(folder / "broken.onnx"); }), "broken.onnx: OpenCV cannot read"));
}

TEST_CASE("a network with another result is named") {
  const testing::TempDir folder;
  const auto two = torchscript(folder, "  return torch.zeros([1, 2])\n");
  CHECK(contains(error_of([&] { score(two); }), "nima.pt: returns [1, 2], expected 10 bins"));
  const auto fails = torchscript(folder, "  return x.view([1, 7])\n");
  CHECK(contains(error_of([&] { score(fails); }), "nima.pt: cannot run on [1, 3, 224, 224]"));
  CHECK(contains(error_of([&] { score(folder / "none.pt"); }), "data: "));
  write_file_atomically(folder / "text.pt", "no network");
  CHECK(contains(error_of([&] { score(folder / "text.pt"); }), "text.pt: expected TorchScript"));
}
