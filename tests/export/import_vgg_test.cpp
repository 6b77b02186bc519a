// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/export/import_vgg.h"

#include "export/onnx_model.h"
#include "support/catch.h"
#include "support/golden.h"
#include "support/temp_dir.h"

#include "pocketstyle/core/files.h"
#include "pocketstyle/export/describe.h"
#include "pocketstyle/media/onnx.h"
#include "pocketstyle/nn/safetensors.h"
#include "pocketstyle/nn/vgg16.h"

#include <algorithm>

using namespace pocketstyle;
using exporting::VggConvention;
using testing::contains;
using testing::error_of;

namespace {

/// 3x3 convolutions with padding 1, a ReLU after each. `convs`: weight and bias.
std::string onnx_chain(const std::vector<std::pair<torch::Tensor, torch::Tensor>>& convs) {
  exporting::OnnxModel model;
  std::string last = "x";
  for (std::size_t i = 0; i < convs.size(); ++i) {
    const std::string n = std::to_string(i);
    model.initializers.emplace_back("w" + n, convs[i].first);
    model.initializers.emplace_back("b" + n, convs[i].second);
    model.nodes.push_back({"Conv",
                           {last, "w" + n, "b" + n},
                           "c" + n,
                           {{"kernel_shape", std::vector<std::int64_t>{3, 3}},
                            {"pads", std::vector<std::int64_t>{1, 1, 1, 1}},
                            {"strides", std::vector<std::int64_t>{1, 1}}}});
    model.nodes.push_back({"Relu", {"c" + n}, "r" + n, {}});
    last = "r" + n;
  }
  const auto value = [](const std::string& name, std::int64_t channels) {
    return exporting::OnnxValue{name, torch::kFloat32, {std::int64_t{1}, channels, std::int64_t{8}, std::int64_t{8}}};
  };
  model.inputs = {value("x", convs.front().first.size(1))};
  model.outputs = {value(last, convs.back().first.size(0))};
  return exporting::to_onnx_bytes(model);
}

const std::vector<const char*> kCaffe = {"conv1_1", "conv1_2", "conv2_1", "conv2_2", "conv3_1",
                                         "conv3_2", "conv3_3", "conv4_1", "conv4_2", "conv4_3"};

const nn::TensorFile& shipped() {
  static const nn::TensorFile file = nn::read_safetensors(find_asset("vgg16/vgg16_conv4_3.safetensors"));
  return file;
}

/// The shipped convolution i; the first one converted to the convention: w = ours * std / s, channels swapped.
std::pair<torch::Tensor, torch::Tensor> foreign_conv(std::size_t i, const VggConvention& convention) {
  const std::string name = "features." + std::to_string(nn::kVggConvIndices[i]);
  torch::Tensor weight = *shipped().find(name + ".weight");
  if (i == 0) {
    weight = weight.clone();
    for (std::int64_t c = 0; c < 3; ++c)
      weight.select(1, c).mul_(convention.std_rgb[static_cast<std::size_t>(c)] * 255 / convention.range);
    if (convention.bgr) weight = weight.flip(1).contiguous();
  }
  return {weight, *shipped().find(name + ".bias")};
}

void write_foreign(const std::filesystem::path& path, const VggConvention& convention, bool caffe) {
  nn::TensorFile file;
  for (std::size_t i = 0; i < kCaffe.size(); ++i) {
    const auto [weight, bias] = foreign_conv(i, convention);
    const std::string name = caffe ? kCaffe[i] : "features." + std::to_string(nn::kVggConvIndices[i]);
    file.tensors.emplace_back(name + ".weight", weight);
    file.tensors.emplace_back(name + ".bias", bias);
  }
  nn::write_safetensors(path, file);
}

void check_equals_shipped(const std::filesystem::path& path) {
  const torch::NoGradGuard no_grad;
  const torch::Tensor x = testing::golden_y().slice(2, 0, 48).slice(3, 0, 64);
  const auto expected = nn::Vgg16().features(x, nn::VggTap::relu4_3);
  const auto found = nn::Vgg16(path).features(x, nn::VggTap::relu4_3);
  for (std::size_t i = 0; i < expected.size(); ++i) {
    INFO(nn::kVggTapNames[i]);
    CHECK((found[i] - expected[i]).norm().item<double>() < 1e-4 * expected[i].norm().item<double>());
  }
}

/// The shipped mean in 0..1.
const std::array<double, 3> kMean01 = {123.68 / 255, 116.779 / 255, 103.939 / 255};

}  // namespace

TEST_CASE("a VGG-16 of any convention becomes ours") {
  struct Case {
    VggConvention convention;
    bool caffe;
  };
  const Case c =
      GENERATE(values<Case>({{{.bgr = true}, true},
                             {{.bgr = false, .range = 1, .mean_rgb = kMean01, .std_rgb = {0.229, 0.224, 0.225}}, false},
                             {{.bgr = true, .range = 255, .std_rgb = {2, 3, 4}}, false}}));
  const testing::TempDir folder;
  write_foreign(folder / "in.safetensors", c.convention, c.caffe);
  const auto result =
      exporting::import_vgg(folder / "in.safetensors", folder / "out.safetensors", {.convention = c.convention});
  CHECK(*std::max_element(result.tap_difference.begin(), result.tap_difference.end()) < 1e-4);
  CHECK(exporting::describe_file(folder / "out.safetensors").kind == "vgg16 weights");
  check_equals_shipped(folder / "out.safetensors");
}

TEST_CASE("a VGG-16 in ONNX becomes ours") {
  const testing::TempDir folder;
  const VggConvention convention{.bgr = true};
  std::vector<std::pair<torch::Tensor, torch::Tensor>> convs;
  for (std::size_t i = 0; i < kCaffe.size(); ++i) convs.push_back(foreign_conv(i, convention));
  write_file_atomically(folder / "vgg.onnx", onnx_chain(convs));
  exporting::import_vgg(folder / "vgg.onnx", folder / "out.safetensors", {.convention = convention});
  check_equals_shipped(folder / "out.safetensors");
}

TEST_CASE("the convolutions of an ONNX file are read in order, their numbers unchanged") {
  const testing::TempDir folder;
  torch::manual_seed(1);
  const std::vector<std::pair<torch::Tensor, torch::Tensor>> convs = {{torch::randn({4, 3, 3, 3}), torch::randn({4})},
                                                                      {torch::randn({2, 4, 3, 3}), torch::randn({2})}};
  write_file_atomically(folder / "a.onnx", onnx_chain(convs));
  const auto found = media::read_onnx_convolutions(folder / "a.onnx");
  REQUIRE(found.size() == 2);
  for (std::size_t i = 0; i < 2; ++i) {
    CHECK(found[i].shape == convs[i].first.sizes().vec());
    CHECK(torch::equal(torch::tensor(found[i].weight).view(found[i].shape), convs[i].first));
    CHECK(torch::equal(torch::tensor(found[i].bias), convs[i].second));
  }
  write_file_atomically(folder / "bad.onnx", "this is no protobuf");
  CHECK(contains(error_of([&] { media::read_onnx_convolutions(folder / "bad.onnx"); }), "data: "));
  const std::string whole = read_file(folder / "a.onnx");
  write_file_atomically(folder / "half.onnx", whole.substr(0, whole.size() / 2));
  CHECK(contains(error_of([&] { media::read_onnx_convolutions(folder / "half.onnx"); }), "data: "));
  CHECK(contains(error_of([&] { exporting::import_vgg(folder / "a.onnx", folder / "out.safetensors"); }),
                 "expected 10 convolutions or more, found 2"));
}

TEST_CASE("a wrong convention is found out, unless the check is off") {
  const testing::TempDir folder;
  write_foreign(folder / "in.safetensors", {.bgr = true}, true);
  const std::string error =
      error_of([&] { exporting::import_vgg(folder / "in.safetensors", folder / "out.safetensors"); });
  INFO(error);
  CHECK(contains(error, "verification: "));
  CHECK(contains(error, "--no-verify"));
  CHECK_FALSE(std::filesystem::exists(folder / "out.safetensors"));
  const auto result =
      exporting::import_vgg(folder / "in.safetensors", folder / "out.safetensors", {.convention = {}, .verify = false});
  CHECK(result.tap_difference[0] > 1e-3);
  CHECK(contains(result.notes.back(), "the check is off"));
  CHECK(contains(error_of([&] { exporting::import_vgg(folder / "in.safetensors", folder / "out.safetensors"); }),
                 "already exists"));
}

TEST_CASE("a file that is no VGG-16, or a convention that cannot be, is refused") {
  const testing::TempDir folder;
  nn::TensorFile file;
  file.tensors = {{"conv1_1.weight", torch::ones({64, 3, 3, 3})}};
  nn::write_safetensors(folder / "in.safetensors", file);
  const auto error = [&](const VggConvention& convention) {
    return error_of([&] {
      exporting::import_vgg(folder / "in.safetensors", folder / "out.safetensors", {.convention = convention});
    });
  };
  CHECK(contains(error({}), "tensor conv1_1.bias is missing"));
  CHECK(contains(error({.range = 2}), "usage: --range"));
  CHECK(contains(error({.std_rgb = {1, 0, 1}}), "usage: --std"));
}
