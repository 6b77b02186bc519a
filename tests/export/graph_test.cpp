// SPDX-License-Identifier: Apache-2.0
// Every exported form of the network compared with the network itself.
#include "export/graph.h"

#include "export/onnx.h"
#include "export/protobuf.h"
#include "export/small_net.h"
#include "export/torchscript.h"
#include "support/catch.h"
#include "support/pictures.h"

#include "pocketstyle/media/onnx.h"

#include <torch/csrc/jit/mobile/import.h>
#include <torch/csrc/jit/mobile/module.h>

#include <sstream>

using namespace pocketstyle;
using exporting::Lowering;
using exporting::OnnxForm;
using exporting::PictureIo;
using exporting::Precision;
using testing::contains;
using testing::error_of;
using testing::every_kind;
using testing::expected;
using testing::kSmall;
using testing::largest;
using testing::small_net;

namespace {

constexpr double kTolerance = 1e-4;

torch::Tensor to_bytes(const torch::Tensor& x) {
  return torch::floor(x * 255 + 0.5).to(torch::kUInt8);
}

}  // namespace

TEST_CASE("TorchScript equals every kind of network at every size, however it is spelled") {
  const torch::NoGradGuard no_grad;
  const auto architecture = GENERATE(from_range(every_kind()));
  const auto lowering = GENERATE(values({Lowering::none, Lowering::cpu, Lowering::xnnpack}));
  const nn::StyleNet net = small_net(architecture).net;
  torch::jit::Module module =
      exporting::to_torchscript(exporting::to_graph(net), Precision::fp32, exporting::form_of(lowering));
  const std::int64_t least = network::min_side(architecture);
  for (const std::int64_t height : {least, least + 1, least + 2, std::int64_t{33}, std::int64_t{64}})
    for (const std::int64_t width : {least, least + 3, std::int64_t{31}, std::int64_t{48}}) {
      const torch::Tensor x = torch::rand({2, 3, height, width});
      const torch::Tensor y = module.forward({x}).toTensor();
      INFO(config::describe(architecture) << " " << exporting::to_string(lowering) << " at " << height << "x" << width);
      CHECK(y.is_contiguous());
      CHECK(largest(y, expected(net, x)) < kTolerance);
    }
}

TEST_CASE("TorchScript takes bytes, and keeps alpha") {
  const torch::NoGradGuard no_grad;
  const auto lowering = GENERATE(values({Lowering::none, Lowering::cpu, Lowering::xnnpack}));
  const nn::StyleNet net = small_net().net;
  torch::jit::Module module =
      exporting::to_torchscript(exporting::to_graph(net), Precision::fp32, exporting::form_of(lowering));
  const torch::Tensor rgba = torch::randint(0, 256, {19, 26, 4}, torch::kUInt8);
  const torch::Tensor x = rgba.slice(2, 0, 3).permute({2, 0, 1}).unsqueeze(0).to(torch::kFloat32) / 255;
  const torch::Tensor styled = to_bytes(expected(net, x)).permute({0, 2, 3, 1});
  const torch::Tensor u8 = module.run_method("run_u8", rgba.slice(2, 0, 3).unsqueeze(0)).toTensor();
  CHECK(u8.scalar_type() == torch::kUInt8);
  CHECK(u8.is_contiguous());
  CHECK(largest(u8, styled) <= 1);
  const torch::Tensor out = module.run_method("run_rgba", rgba).toTensor();
  CHECK(torch::equal(out.slice(2, 3, 4), rgba.slice(2, 3, 4)));
  CHECK(torch::equal(out.slice(2, 0, 3), u8[0]));
}

TEST_CASE("the plain form has only plain operators and parameters") {
  torch::jit::Module module = exporting::to_torchscript(exporting::to_graph(small_net().net), Precision::fp32,
                                                        exporting::form_of(Lowering::none));
  const std::set<std::string> plain = {"add",  "clamp", "contiguous", "conv2d",           "instance_norm",
                                       "relu", "size",  "narrow",     "reflection_pad2d", "upsample_nearest2d"};
  for (const torch::jit::Node* node : module.get_method("forward").graph()->nodes())
    if (node->kind().is_aten()) {
      INFO(node->kind().toUnqualString());
      CHECK(plain.count(node->kind().toUnqualString()) == 1);
    }
  CHECK_FALSE(module.is_training());
  CHECK(module.parameters(false).size() == small_net().net->parameters().size());
}

TEST_CASE("small weights come back as the rounded network, in a file as in memory") {
  const torch::NoGradGuard no_grad;
  const auto precision = GENERATE(values({Precision::fp16, Precision::int8}));
  const auto lowering = GENERATE(values({Lowering::none, Lowering::cpu, Lowering::xnnpack}));
  const nn::StyleNet net = small_net().net;
  const nn::StyleNet rounded = exporting::rounded_net(net, precision);
  torch::jit::Module module =
      exporting::to_torchscript(exporting::to_graph(net), precision, exporting::form_of(lowering));
  std::stringstream file;
  module._save_for_mobile(file);
  auto lite = torch::jit::_load_for_mobile(file);
  const torch::Tensor x = torch::rand({1, 3, 21, 34});
  CHECK(largest(module.forward({x}).toTensor(), expected(rounded, x)) < kTolerance);
  CHECK(largest(lite.forward({x}).toTensor(), expected(rounded, x)) < kTolerance);
  const double changed = largest(expected(rounded, x), expected(net, x));
  CHECK(changed > 1e-5);
  CHECK(changed < (precision == Precision::fp16 ? 0.01 : 0.1));
}

TEST_CASE("int8 rounds to at most half a step of each output channel") {
  const exporting::Graph graph = exporting::to_graph(small_net().net);
  for (const auto& tensor : exporting::store(graph, Precision::int8)) {
    if (!tensor.scale.defined()) continue;
    const torch::Tensor original = graph.tensor(tensor.name);
    CHECK(tensor.stored.scalar_type() == torch::kInt8);
    CHECK(tensor.scale.numel() == original.size(0));
    const torch::Tensor steps = (tensor.restore() - original).abs() / tensor.scale.view({-1, 1, 1, 1});
    CHECK(steps.max().item<double>() <= 0.5 + 1e-4);
  }
}

TEST_CASE("ONNX equals every kind of network, whatever goes in and however it is padded") {
  const torch::NoGradGuard no_grad;
  const auto architecture = GENERATE(from_range(every_kind()));
  const auto io = GENERATE(values({PictureIo::float_nchw01, PictureIo::u8_nhwc, PictureIo::rgba_hwc}));
  const bool slices = GENERATE(false, true);
  const nn::StyleNet net = small_net(architecture).net;
  const auto model =
      exporting::parse_onnx(exporting::to_onnx_bytes(exporting::to_onnx(exporting::to_graph(net), Precision::fp32,
                                                                        {.io = io, .pad_by_slices = slices})),
                            "model");
  const std::int64_t least = network::min_side(architecture);
  for (const auto& [height, width] : {std::pair{least, least + 1}, {least + 2, least + 3}, {33L, 31L}, {48L, 64L}}) {
    INFO(config::describe(architecture) << " at " << height << "x" << width);
    const torch::Tensor bytes = torch::randint(0, 256, {height, width, 4}, torch::kUInt8);
    const torch::Tensor rgb = bytes.slice(2, 0, 3).unsqueeze(0);
    const torch::Tensor x = rgb.permute({0, 3, 1, 2}).to(torch::kFloat32) / 255;
    const torch::Tensor wanted = expected(net, x);
    if (io == PictureIo::float_nchw01) {
      CHECK(largest(exporting::run_onnx(model, x, "model"), wanted) < kTolerance);
    } else if (io == PictureIo::u8_nhwc) {
      CHECK(largest(exporting::run_onnx(model, rgb, "model"), to_bytes(wanted).permute({0, 2, 3, 1})) <= 1);
    } else {
      const torch::Tensor out = exporting::run_onnx(model, bytes, "model");
      CHECK(torch::equal(out.slice(2, 3, 4), bytes.slice(2, 3, 4)));
      CHECK(largest(out.slice(2, 0, 3), to_bytes(wanted).permute({0, 2, 3, 1})[0]) <= 1);
    }
  }
}

TEST_CASE("ONNX of one size equals the network there, in OpenCV too, even and odd") {
  const torch::NoGradGuard no_grad;
  const auto precision = GENERATE(values({Precision::fp32, Precision::fp16, Precision::int8}));
  const nn::StyleNet net = small_net().net;
  const nn::StyleNet rounded = exporting::rounded_net(net, precision);
  using Size = std::pair<std::int64_t, std::int64_t>;
  for (const auto& size : {Size{24, 32}, Size{22, 30}, Size{25, 31}, Size{24, 31}}) {
    INFO(size.first << "x" << size.second);
    const auto model = exporting::to_onnx(exporting::to_graph(net), precision, {.static_hw = size});
    const torch::Tensor x = torch::rand({1, 3, size.first, size.second});
    CHECK(largest(exporting::run_onnx(model, x, "model"), expected(rounded, x)) < kTolerance);
    if (precision == Precision::fp32)
      CHECK(largest(media::OnnxNet(exporting::to_onnx_bytes(model)).run(x), expected(net, x)) < kTolerance);
  }
}

TEST_CASE("an ONNX model reads back as it was written") {
  const auto model =
      exporting::to_onnx(exporting::to_graph(small_net().net), Precision::int8, {.io = PictureIo::rgba_hwc});
  const std::string bytes = exporting::to_onnx_bytes(model);
  const auto back = exporting::parse_onnx(bytes, "model");
  CHECK(exporting::to_onnx_bytes(back) == bytes);
  CHECK(back.opset == 13);
  REQUIRE(back.inputs.size() == 1);
  CHECK(back.inputs[0].dtype == torch::kUInt8);
  CHECK(std::get<std::string>(back.inputs[0].shape[0]) == "height");
  CHECK(contains(error_of([] { exporting::parse_onnx("", "empty"); }), "data: empty: expected an ONNX model"));
  CHECK(contains(error_of([&] { exporting::parse_onnx(bytes.substr(0, bytes.size() / 2), "half"); }), "data: half: "));
}

TEST_CASE("int8 weights need a scale per channel, since a product with others may be of any size") {
  const torch::Tensor stored = torch::ones({1, 3, 1, 5}, torch::kInt8);
  const exporting::StoredTensor wrong{"conv1_weight", stored, torch::ones({4})};
  CHECK_THROWS_AS(wrong.restore(), std::invalid_argument);
}

TEST_CASE("an ONNX tensor without values whose shape overflows is refused") {
  exporting::protobuf::Message tensor, graph, opset, model;
  for (const std::int64_t size : {std::int64_t{0}, std::int64_t{1} << 62, std::int64_t{1} << 62})
    tensor.number(1, size);
  tensor.number(2, 1);  // float
  graph.message(5, tensor);
  opset.number(2, 13);
  model.number(1, 7);
  model.message(7, graph);
  model.message(8, opset);
  CHECK(contains(error_of([&] { exporting::parse_onnx(model.bytes(), "wide"); }), "has an impossible shape"));
}

TEST_CASE("an ONNX model that makes no sense is one clear error") {
  exporting::OnnxModel model;
  model.inputs = {{"image", torch::kFloat32, {std::int64_t{1}}}};
  model.outputs = {{"styled", torch::kFloat32, {std::int64_t{1}}}};
  const auto error = [&](const exporting::OnnxNode& node) {
    model.nodes = {node};
    return error_of([&] { exporting::run_onnx(model, torch::ones({1}), "model"); });
  };
  CHECK(contains(error({"Erf", {"image"}, "styled", {}}), "operator Erf is not supported"));
  CHECK(contains(error({"Relu", {"nothing"}, "styled", {}}), "reads 'nothing', which no earlier node computes"));
  CHECK(contains(error({"Add", {"image"}, "styled", {}}), "input 1 is missing"));
  CHECK(contains(error({"Conv", {"image", "image"}, "styled", {}}), "data: model: Conv 'styled': "));
  CHECK(contains(error({"Relu", {"image"}, "other", {}}), "no node computes its output 'styled'"));
}
