// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/export/describe.h"

#include "export/onnx_model.h"
#include "export/small_net.h"
#include "support/catch.h"
#include "support/oversized_net.h"
#include "support/temp_dir.h"

#include "pocketstyle/core/files.h"
#include "pocketstyle/core/random.h"
#include "pocketstyle/export/export.h"
#include "pocketstyle/export/runtime.h"
#include "pocketstyle/run/folder.h"
#include "pocketstyle/run/metadata.h"

#include <caffe2/serialize/inline_container.h>
#include <torch/torch.h>

using namespace pocketstyle;
using exporting::describe_file;
using testing::contains;
using testing::error_of;

namespace {

/// The small network in every format, as FOLDER/a.*.
void export_all(const testing::TempDir& folder) {
  using exporting::ExportFormat;
  exporting::export_net(testing::small_net(), folder.path(), "a",
                        {.formats = {ExportFormat::pt, ExportFormat::ptl, ExportFormat::onnx, ExportFormat::onnx_rgba,
                                     ExportFormat::tflite, ExportFormat::tflite_rgba, ExportFormat::safetensors},
                         .static_hw = std::pair<std::int64_t, std::int64_t>{24, 33}});
}

/// Seeded damage: some bytes changed, a piece removed, the end cut off, or a piece overwritten by another one.
std::string mutate(std::string bytes, std::uint64_t seed) {
  CounterRandom random(seed, 77);
  const auto last = static_cast<std::int64_t>(bytes.size()) - 1;
  // Archives have their directory at the end and safetensors files their header at the start: aim there half of the
  // time.
  const auto place = [&] {
    if (random.coin()) return static_cast<std::size_t>(random.integer(0, last));
    const std::int64_t edge = random.integer(0, std::min<std::int64_t>(last, 2000));
    return static_cast<std::size_t>(random.coin() ? edge : last - edge);
  };
  switch (random.integer(0, 3)) {
    case 0:
      for (std::int64_t i = random.integer(1, 4); i > 0; --i)
        bytes[place()] = static_cast<char>(random.integer(0, 255));
      break;
    case 1:
      bytes.erase(place(), static_cast<std::size_t>(random.integer(1, 300)));
      break;
    case 2:
      bytes.resize(place());
      break;
    default:
      for (std::size_t from = place(), to = place(), n = 0; n < 64 && std::max(from, to) + n < bytes.size(); ++n)
        bytes[to + n] = bytes[from + n];
  }
  return bytes;
}

}  // namespace

TEST_CASE("a description says what each of our files is") {
  const testing::TempDir folder;
  export_all(folder);
  struct Case {
    std::string file, kind, format;
  };
  const Case c = GENERATE(values<Case>({{"a.pt", "torchscript", "export 1"},
                                        {"a.ptl", "lite", "export 1"},
                                        {"a.onnx", "onnx", "export 1"},
                                        {"a.rgba.onnx", "onnx", "export 1"},
                                        {"a.rgba.tflite", "tflite", "export 1"},
                                        {"a.safetensors", "weights", "weights 1"}}));
  const auto description = describe_file(folder / c.file);
  const std::string bytes = read_file(folder / c.file);
  INFO(c.file);
  CHECK(description.kind == c.kind);
  CHECK(description.metadata.at(run::kFormatKey) == c.format);
  REQUIRE(description.architecture.has_value());
  CHECK(*description.architecture == testing::kSmall);
  CHECK(contains(description.metadata.at(run::kProvenanceKey), "wave.jpg"));
  CHECK(description.bytes == bytes.size());
  CHECK(description.sha256 == sha256_hex(bytes));
  CHECK(description.tensors.empty() == (c.kind == "torchscript" || c.kind == "lite"));
  CHECK(description.operators.empty() == (c.kind != "onnx" && c.kind != "tflite"));
  CHECK(description.gpu_obstacles.has_value() == (c.kind == "tflite"));
}

TEST_CASE("files are told apart by their content, not their name") {
  const testing::TempDir folder;
  export_all(folder);
  std::filesystem::rename(folder / "a.ptl", folder / "b.pt");
  std::filesystem::rename(folder / "a.pt", folder / "c.bin");
  std::filesystem::rename(folder / "a.tflite", folder / "d.bin");
  CHECK(describe_file(folder / "b.pt").kind == "lite");
  CHECK(describe_file(folder / "c.bin").kind == "torchscript");
  CHECK(describe_file(folder / "d.bin").kind == "tflite");
  CHECK(describe_file(find_asset("vgg16/vgg16_conv4_3.safetensors")).kind == "vgg16 weights");
}

TEST_CASE("a run folder is its final weights") {
  const testing::TempDir folder;
  nn::save_net(folder / run::kFinalWeightsName, testing::small_net().net, {});
  CHECK(describe_file(folder.path()).kind == "weights");
}

TEST_CASE("a file of a newer version or of another kind is one clear error") {
  const testing::TempDir folder;
  nn::TensorFile file;
  file.tensors = {{"x", torch::ones({2})}};
  const auto error_for = [&](const std::string& format) {
    file.metadata[run::kFormatKey] = format;
    nn::write_safetensors(folder / "x.safetensors", file);
    return error_of([&] { describe_file(folder / "x.safetensors"); });
  };
  CHECK(contains(error_for("weights 2"), "newer version"));
  CHECK(contains(error_for("weights"), "a word and a number"));
  CHECK(contains(error_for("weights 1x"), "a word and a number"));
  write_file_atomically(folder / "x.pt", "hello");
  CHECK(contains(error_of([&] { describe_file(folder / "x.pt"); }), "data: "));
  write_file_atomically(folder / "x.tflite", "hello");
  CHECK(contains(error_of([&] { describe_file(folder / "x.tflite"); }), "x.tflite: cannot be read as a LiteRT file"));
  write_file_atomically(folder / "x.ptl", "");
  CHECK(contains(error_of([&] { describe_file(folder / "x.ptl"); }), "data: "));
  CHECK(contains(error_of([&] { describe_file(folder / "none.pt"); }), "cannot be read"));
  write_file_atomically(folder / "old.pth", "\x80\x02\x8A\nl\xFC\x9C a pickle");
  CHECK(contains(error_of([&] { describe_file(folder / "old.pth"); }), "old.pth: is a checkpoint of PyTorch"));
  CHECK(
      contains(error_of([&] { nn::read_safetensors(folder / "old.pth"); }), "then pocketstyle import old.safetensors"));
  write_file_atomically(folder / "photo.jpg", "\xFF\xD8\xFF\xE0 a photo, and no network");
  CHECK(contains(error_of([&] { describe_file(folder / "photo.jpg"); }), "photo.jpg: expected a safetensors, "));
  write_file_atomically(folder / "cut.safetensors", "{");
  CHECK(contains(error_of([&] { describe_file(folder / "cut.safetensors"); }), "too short for a safetensors file"));
}

TEST_CASE("metadata nested so deep that writing it would overflow the stack is damaged") {
  const testing::TempDir folder;
  exporting::OnnxModel model;
  model.metadata[exporting::kExtraFileName] = R"({"a":)" + std::string(300000, '[') + std::string(300000, ']') + "}";
  write_file_atomically(folder / "deep.onnx", exporting::to_onnx_bytes(model));
  CHECK(contains(error_of([&] { describe_file(folder / "deep.onnx"); }), "deep.onnx: its "));
}

TEST_CASE("a small file that claims a huge network is refused") {
  const testing::TempDir folder;
  testing::write_oversized_net(folder / "big.safetensors");
  CHECK(contains(error_of([&] { describe_file(folder / "big.safetensors"); }), "is far too small for its network"));
}

TEST_CASE("an archive that unpacks to far more than it is gets refused") {
  const testing::TempDir folder;
  const std::string zeros(std::size_t{65} << 20, '\0');
  caffe2::serialize::PyTorchStreamWriter writer((folder / "bomb.pt").string());
  writer.writeRecord("data.pkl", zeros.data(), zeros.size(), /*compress=*/true);
  writer.writeEndOfFile();
  CHECK(std::filesystem::file_size(folder / "bomb.pt") < 1 << 20);
  CHECK(contains(error_of([&] { describe_file(folder / "bomb.pt"); }), "unpacks to more"));
}

TEST_CASE("an archive with names that lead out of it is refused") {
  const testing::TempDir folder;
  for (const std::string& name : {std::string("../../evil"), std::string("a/.."), std::string("..\\evil")}) {
    caffe2::serialize::PyTorchStreamWriter writer((folder / "evil.pt").string());
    writer.writeRecord("data.pkl", "x", 1);
    writer.writeRecord(name, "x", 1);
    writer.writeEndOfFile();
    CHECK(contains(error_of([&] { describe_file(folder / "evil.pt"); }), "escapes from the archive"));
  }
}

TEST_CASE("no damaged file crashes or is believed") {
  const testing::TempDir folder;
  export_all(folder);
  const std::string extension =
      GENERATE(values<std::string>({"pt", "ptl", "onnx", "rgba.onnx", "tflite", "rgba.tflite", "safetensors"}));
  const std::string original = read_file(folder / ("a." + extension));
  const std::filesystem::path damaged = folder / ("damaged." + extension);
  const torch::Tensor picture = torch::rand({1, 3, 24, 33});
  int refused = 0;
  constexpr int kMutations = 250;
  for (int seed = 0; seed < kMutations; ++seed) {
    write_file_atomically(damaged, mutate(original, static_cast<std::uint64_t>(seed)));
    // Accepted files are also loaded and run.
    const std::string error = error_of([&] {
      const auto file = exporting::load_file(damaged);
      for (const auto& runtime : file.runtimes) runtime.run(picture);
    });
    INFO(extension << " seed " << seed << ": " << error);
    CHECK((error == "no error" || contains(error, "data: ")));
    CHECK(error.find('\n') == std::string::npos);
    refused += error != "no error" ? 1 : 0;
  }
  // Archives, ONNX and LiteRT files have checksums; in a safetensors file, damaged numbers cannot be detected.
  INFO(extension << ": " << refused << " refused");
  CHECK(refused > (extension == "safetensors" ? kMutations / 2 : kMutations * 9 / 10));
}
