// SPDX-License-Identifier: Apache-2.0
// LiteRT files compared with the network itself. scripts/dev/test_runtimes.sh runs them in LiteRT.
#include "export/tflite.h"

#include "export/flatbuffer.h"
#include "export/small_net.h"
#include "support/catch.h"
#include "support/pictures.h"
#include "support/temp_dir.h"

#include "pocketstyle/core/files.h"
#include "pocketstyle/export/describe.h"
#include "pocketstyle/export/export.h"
#include "pocketstyle/export/runtime.h"
#include "pocketstyle/export/stored_net.h"

#include <algorithm>
#include <stdexcept>

using namespace pocketstyle;
using exporting::Precision;
using exporting::TfliteModel;
using formats::PictureIo;
using testing::contains;
using testing::error_of;
using testing::every_kind;
using testing::expected;
using testing::kSmall;
using testing::largest;
using testing::small_net;

namespace {

constexpr double kTolerance = 1e-4;
using Size = std::pair<std::int64_t, std::int64_t>;

TfliteModel read_back(const nn::StyleNet& net, Precision precision, const exporting::TfliteForm& form) {
  const auto model = exporting::to_tflite(exporting::to_graph(net), precision, form);
  return exporting::parse_tflite(exporting::to_tflite_bytes(model), "model");
}

/// A picture of random bytes, and whether the model gives what the network does, in the model's type.
void check_equal(const TfliteModel& model, PictureIo io, const nn::StyleNet& net, const Size& size) {
  const torch::Tensor bytes = torch::randint(0, 256, {1, size.first, size.second, 4}, torch::kUInt8);
  const torch::Tensor rgb = bytes.slice(3, 0, 3);
  const torch::Tensor x = rgb.to(torch::kFloat32) / 255,
                      wanted = expected(net, x.permute({0, 3, 1, 2})).permute({0, 2, 3, 1});
  const torch::Tensor wanted_bytes = torch::floor(wanted * 255 + 0.5).to(torch::kUInt8);
  if (io == PictureIo::float_nhwc01) {
    CHECK(largest(exporting::run_tflite(model, x, "model"), wanted) < kTolerance);
  } else if (io == PictureIo::u8_nhwc) {
    CHECK(largest(exporting::run_tflite(model, rgb, "model"), wanted_bytes) <= 1);
  } else {
    const torch::Tensor out = exporting::run_tflite(model, bytes, "model");
    CHECK(torch::equal(out.slice(3, 3, 4), bytes.slice(3, 3, 4)));
    CHECK(largest(out.slice(3, 0, 3), wanted_bytes) <= 1);
  }
}

PictureIo any_io() {
  return GENERATE(values({PictureIo::float_nhwc01, PictureIo::u8_nhwc, PictureIo::rgba_hwc}));
}

}  // namespace

TEST_CASE("LiteRT of free sizes equals every kind of network at sizes that 4 divides, whatever goes in") {
  const torch::NoGradGuard no_grad;
  const auto architecture = GENERATE(from_range(every_kind()));
  const PictureIo io = any_io();
  const nn::StyleNet net = small_net(architecture).net;
  const TfliteModel model = read_back(net, Precision::fp32, {.io = io});
  CHECK(model.tensors.at(static_cast<std::size_t>(model.input)).any_size);
  for (const Size& size : {Size{24, 28}, Size{48, 20}, Size{256, 256}}) {
    INFO(config::describe(architecture) << " at " << size.first << "x" << size.second);
    check_equal(model, io, net, size);
  }
}

TEST_CASE("LiteRT of one size equals every kind of network there, even and odd, whatever goes in") {
  const torch::NoGradGuard no_grad;
  const auto architecture = GENERATE(from_range(every_kind()));
  const PictureIo io = any_io();
  const nn::StyleNet net = small_net(architecture).net;
  for (const Size& size : {Size{24, 32}, Size{25, 31}, Size{37, 24}}) {
    INFO(config::describe(architecture) << " at " << size.first << "x" << size.second);
    check_equal(read_back(net, Precision::fp32, {.io = io, .static_hw = size}), io, net, size);
  }
}

TEST_CASE("LiteRT with small weights is the rounded network, and gives its weights back") {
  const torch::NoGradGuard no_grad;
  const auto precision = GENERATE(values({Precision::fp32, Precision::fp16, Precision::int8}));
  const auto architecture = GENERATE(from_range(every_kind()));
  const nn::LoadedNet loaded = small_net(architecture);
  const nn::StyleNet rounded = exporting::rounded_net(loaded.net, precision);
  check_equal(read_back(loaded.net, precision, {}), PictureIo::float_nhwc01, rounded, {24, 36});
  check_equal(read_back(loaded.net, precision, {.static_hw = Size{25, 36}}), PictureIo::float_nhwc01, rounded,
              {25, 36});

  const testing::TempDir folder;
  const auto results = exporting::export_all(
      loaded, folder.path(), "a", {.formats = {exporting::ExportFormat::tflite_u8}, .precisions = {precision}});
  const nn::StyleNet stored = exporting::load_stored_net(results.at(0).file);
  for (const auto& parameter : rounded->named_parameters())
    CHECK(largest(stored->named_parameters()[parameter.key()], parameter.value()) < 1e-6);
}

TEST_CASE("CPUs do not get convolutions of which only they read numbers in 16 bits") {
  const exporting::Graph graph = exporting::to_graph(small_net().net);
  const TfliteModel model = exporting::to_tflite(graph, Precision::fp16, {});
  int weights = 0;
  for (const exporting::TfliteOperator& op : model.operators) {
    if (op.op != "CONV_2D") continue;
    for (const std::size_t input : {1, 2}) {
      const auto made_by = [&](const auto& other) { return other.output == op.inputs[input]; };
      const auto reads = [&](const auto& other) {
        return other.op != "CONV_2D" && std::count(other.inputs.begin(), other.inputs.end(), op.inputs[input]) > 0;
      };
      if (std::none_of(model.operators.begin(), model.operators.end(), made_by)) continue;  // stored as float32
      CHECK(std::any_of(model.operators.begin(), model.operators.end(), reads));
      ++weights;
    }
  }
  CHECK(weights == std::count_if(graph.tensors.begin(), graph.tensors.end(),
                                 [](const auto& tensor) { return tensor.second.dim() == 4; }));
}

TEST_CASE("a LiteRT model reads back as it was written") {
  const auto model = exporting::to_tflite(exporting::to_graph(small_net().net), Precision::int8,
                                          {.io = PictureIo::rgba_hwc, .static_hw = Size{24, 25}});
  const std::string bytes = exporting::to_tflite_bytes(model);
  CHECK(exporting::looks_like_tflite(bytes));
  const TfliteModel back = exporting::parse_tflite(bytes, "model");
  CHECK(exporting::to_tflite_bytes(back) == bytes);
  const auto& image = back.tensors.at(static_cast<std::size_t>(back.input));
  CHECK(image.name == "image");
  CHECK(image.shape == std::vector<std::int64_t>{1, 24, 25, 4});
  CHECK(back.tensors.at(static_cast<std::size_t>(back.output)).name == "styled");
  CHECK(contains(error_of([] { exporting::parse_tflite("", "empty"); }), "data: empty: cannot be read as a LiteRT"));
  for (std::size_t size = 0; size < bytes.size(); size += 97) {
    const std::string cut = bytes.substr(0, size);
    std::string rewritten;
    const std::string error =
        error_of([&] { rewritten = exporting::to_tflite_bytes(exporting::parse_tflite(cut, "cut")); });
    CHECK((contains(error, "data: cut: ") ||
           rewritten == bytes));  // the last bytes may be padding that nothing refers to
  }
}

TEST_CASE("what GPUs cannot run is said") {
  const exporting::Graph graph = exporting::to_graph(small_net().net);
  const auto obstacles = [&](Precision precision, const exporting::TfliteForm& form) {
    return fmt::format("{}", fmt::join(exporting::gpu_obstacles(exporting::to_tflite(graph, precision, form)), "; "));
  };
  CHECK(obstacles(Precision::fp32, {.static_hw = Size{64, 48}}).empty());
  CHECK(obstacles(Precision::fp16, {.static_hw = Size{64, 50}}).empty());
  CHECK(contains(obstacles(Precision::int8, {.static_hw = Size{64, 48}}), "DEQUANTIZE of int8"));
  CHECK(contains(obstacles(Precision::fp32, {}), "its sizes are free"));
  CHECK(contains(obstacles(Precision::fp32, {}), "MEAN over a picture"));
  CHECK(contains(obstacles(Precision::fp32, {.static_hw = Size{97, 48}}), "AVERAGE_POOL_2D over 97x4 values"));
  CHECK(obstacles(Precision::fp16, {.io = PictureIo::rgba_hwc, .static_hw = Size{64, 48}}).empty());
}

TEST_CASE("a LiteRT model that makes no sense is one clear error") {
  TfliteModel model;
  model.tensors = {{.name = "image", .shape = {1, 4, 4, 3}},
                   {.name = "styled", .shape = {1, 4, 4, 3}},
                   {.name = "number", .shape = {1}, .data = torch::ones({1})}};
  model.output = 1;
  const auto error = [&](const exporting::TfliteOperator& op) {
    model.operators = {op};
    return error_of([&] { exporting::run_tflite(model, torch::ones({1, 4, 4, 3}), "model"); });
  };
  CHECK(contains(error({"ADD", {0, 1}, 1}), "ADD 'styled': reads 'styled', which no earlier operator computes"));
  CHECK(contains(error({"ADD", {0}, 1}), "input 1 is missing"));
  CHECK(contains(error({"ADD", {0, 2}, 1, {{"activation", 3}}}), "only RELU can be fused"));
  CHECK(contains(error({"CONV_2D", {0, 0, 2}, 1}), "data: model: CONV_2D 'styled': only VALID padding"));
  CHECK(contains(error({"MEAN", {0, 2}, 1}), "MEAN 'styled': expected Float [1, 4, 4, 3], found Float [1, 4, 3]"));
  CHECK(contains(error({"ADD", {0, 2}, 0}), "no operator computes its output"));
  CHECK(error({"ADD", {0, 2}, 1}) == "no error");
}

TEST_CASE("a LiteRT file's pictures need sides that 4 divides, or are mirrored to them") {
  const torch::NoGradGuard no_grad;
  const testing::TempDir folder;
  const nn::LoadedNet loaded = small_net();
  exporting::export_all(loaded, folder.path(), "a", {.formats = {exporting::ExportFormat::tflite}});
  const auto run = exporting::load_file(folder / "a.tflite").runtimes.at(0).run;
  const torch::Tensor x = torch::rand({1, 3, 30, 45});
  const torch::Tensor mirrored = torch::reflection_pad2d(x, {0, 3, 0, 2});
  CHECK(torch::equal(run(x), run(mirrored).slice(2, 0, 30).slice(3, 0, 45)));
  CHECK(exporting::load_file(folder / "a.tflite").description.kind == "tflite");
}

TEST_CASE("FlatBuffers' tables, vectors and texts lie as the format wants them") {
  using exporting::flatbuffer::Object;
  using exporting::flatbuffer::Table;
  Object root = Object::table();
  root.number(0, std::int8_t{-3})
      .number(2, std::uint32_t{70000})
      .child(3, Object::text("abc"))
      .child(4, Object::bytes("0123456789", 16))
      .child(5, Object::list({Object::table().number(1, std::int16_t{7}), Object::table()}))
      .child(6, Object::numbers(std::vector<std::int64_t>{1, -2}));
  const std::string file = to_bytes(root, "TEST");
  CHECK(file.substr(4, 4) == "TEST");
  CHECK(file.find("0123456789") % 16 == 0);
  CHECK(file.find(std::string("\1\0\0\0\0\0\0\0\xFE\xFF", 10)) % 8 == 0);
  CHECK(contains(file, std::string("\3\0\0\0abc\0", 8)));

  const Table back = Table::root(file, "TEST");
  CHECK(back.number<std::int8_t>(0) == -3);
  CHECK(back.number<std::int32_t>(1, 5) == 5);
  CHECK(back.number<std::int32_t>(9, 6) == 6);
  CHECK(back.number<std::uint32_t>(2) == 70000);
  CHECK(back.text(3) == "abc");
  CHECK(back.bytes(4) == "0123456789");
  CHECK(back.tables(5, 2).at(0).number<std::int16_t>(1) == 7);
  CHECK(back.numbers<std::int64_t>(6, 2) == std::vector<std::int64_t>{1, -2});
  CHECK_FALSE(back.table(7).has_value());
  CHECK_THROWS_AS(back.tables(5, 1), std::invalid_argument);
  CHECK_THROWS_AS(Table::root(file, "ELSE"), std::invalid_argument);
}
