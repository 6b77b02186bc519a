// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/export/runtime.h"

#include "export/onnx_model.h"
#include "export/parity.h"
#include "export/tflite_model.h"

#include "pocketstyle/core/cpu.h"
#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"
#include "pocketstyle/formats/formats.h"
#include "pocketstyle/media/onnx.h"
#include "pocketstyle/nn/weights.h"

#include <torch/csrc/jit/mobile/import.h>
#include <torch/csrc/jit/mobile/module.h>
#include <torch/script.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>

namespace pocketstyle::exporting {
namespace fs = std::filesystem;
namespace {

/// Turns LibTorch's error about a file that it cannot load into a DataError.
template <class Load>
auto loaded_by_libtorch(const std::string& where, const Load& load) {
  try {
    return load();
  } catch (const c10::Error& error) {
    throw DataError("{}: LibTorch cannot load it: {}", where, first_line(error.what_without_backtrace()));
  } catch (const std::exception& error) {
    throw DataError("{}: LibTorch cannot load it: {}", where, first_line(error.what()));
  }
}

Runtime torchscript(const fs::path& path) {
  auto module = loaded_by_libtorch(path.string(), [&] { return torch::jit::load(path.string(), torch::kCPU); });
  return {.name = "torchscript",
          .run = [module](const torch::Tensor& x) mutable { return module.forward({x}).toTensor(); },
          .bytecode = {}};
}

Runtime lite(const fs::path& path) {
  auto module = loaded_by_libtorch(
      path.string(), [&] { return torch::jit::_load_for_mobile(path.string(), torch::Device(torch::kCPU)); });
  const auto operators = torch::jit::mobile::_export_operator_list(module);
  const bool packed = std::any_of(operators.begin(), operators.end(),
                                  [](const std::string& name) { return name.starts_with("prepacked::"); });
  return {.name = "lite",
          .run =
              [module, packed](const torch::Tensor& x) mutable {
                std::optional<WithoutOpenMp> alone;
                if (packed) alone.emplace();  // XNNPACK's convolutions have their own threads
                return module.forward({x}).toTensor();
              },
          .bytecode = module.bytecode_version()};
}

Runtime eager(const fs::path& path) {
  return {.name = "pocketstyle", .run = runner_of(nn::load_net(path).net), .bytecode = {}};
}

/// Rejects other picture sizes if the model's height or width is fixed.
void check_size(const OnnxValue& input, const torch::Tensor& x) {
  const std::size_t height_at = input.shape.size() == 3 ? 0 : input.dtype == torch::kFloat32 ? 2 : 1;
  const auto* height = std::get_if<std::int64_t>(&input.shape.at(height_at));
  const auto* width = std::get_if<std::int64_t>(&input.shape.at(height_at + 1));
  if (height != nullptr && width != nullptr && (*height != x.size(2) || *width != x.size(3)))
    throw RuntimeFailure("the file only supports pictures of width {} and height {}", *width, *height);
}

/// Converts the picture to the layout and type of the model's input, and the result back.
torch::Tensor with_pictures_of(const OnnxValue& input, const torch::Tensor& x, const Runner& run) {
  check_size(input, x);
  if (input.dtype == torch::kFloat32) return run(x);
  const torch::Tensor bytes = torch::floor(x * 255 + 0.5).to(torch::kUInt8).permute({0, 2, 3, 1});
  if (input.shape.size() == 4)
    return run(bytes.contiguous()).permute({0, 3, 1, 2}).to(torch::kFloat32).contiguous() / 255;
  const torch::Tensor opaque = torch::full({bytes.size(1), bytes.size(2), 1}, 255, torch::kUInt8);
  const torch::Tensor styled = run(torch::cat({bytes[0], opaque}, 2));
  return styled.slice(2, 0, 3).permute({2, 0, 1}).unsqueeze(0).to(torch::kFloat32).contiguous() / 255;
}

/// OpenCV needs a fixed height and width when it reads the file, so the file is read again for each size.
class OpenCvRunner {
 public:
  explicit OpenCvRunner(OnnxModel model) : model_(std::move(model)) {}

  torch::Tensor operator()(const torch::Tensor& x) {
    if (net_ == nullptr || x.sizes() != size_) {
      size_ = x.sizes().vec();
      for (OnnxValue* value : {&model_.inputs[0], &model_.outputs[0]}) {
        value->shape.clear();
        for (const std::int64_t side : size_) value->shape.emplace_back(side);
      }
      net_ = std::make_shared<media::OnnxNet>(to_onnx_bytes(model_));
    }
    return net_->run(x);
  }

 private:
  OnnxModel model_;
  std::vector<std::int64_t> size_;
  std::shared_ptr<media::OnnxNet> net_;
};

bool opencv_can_read(const OnnxModel& model) {
  if (model.inputs[0].dtype != torch::kFloat32) return false;
  for (const OnnxNode& node : model.nodes)
    if (node.op == "Cast" || node.op == "DequantizeLinear") return false;
  return true;
}

std::vector<Runtime> onnx(const fs::path& path) {
  const std::string where = path.string();
  const auto model = std::make_shared<const OnnxModel>(parse_onnx(read_file(path), where));
  std::vector<Runtime> runtimes;
  runtimes.push_back({.name = "onnx on libtorch",
                      .run =
                          [model, where](const torch::Tensor& x) {
                            return with_pictures_of(model->inputs[0], x, [&](const torch::Tensor& input) {
                              return run_onnx(*model, input, where);
                            });
                          },
                      .bytecode = {}});
  if (opencv_can_read(*model)) runtimes.push_back({.name = "opencv", .run = OpenCvRunner(*model), .bytecode = {}});
  return runtimes;
}

/// The picture as the model takes it, and the result back.
torch::Tensor through_tflite(const TfliteModel& model, const torch::Tensor& x, const std::string& where) {
  const TfliteTensor& declared = model.tensors[static_cast<std::size_t>(model.input)];
  torch::Tensor input = x.permute({0, 2, 3, 1}).contiguous();
  if (declared.dtype == torch::kUInt8) input = torch::floor(input * 255 + 0.5).to(torch::kUInt8);
  if (declared.shape.size() == 4 && declared.shape[3] == 4)
    input = torch::cat({input, torch::full({1, x.size(2), x.size(3), 1}, 255, input.options())}, 3);
  const torch::Tensor styled = run_tflite(model, input, where).to(torch::kFloat32).slice(-1, 0, 3);
  const torch::Tensor unit = declared.dtype == torch::kUInt8 ? styled / 255 : styled;
  return unit.permute({0, 3, 1, 2}).contiguous();
}

/// A picture whose sides are not divisible as the file needs it is mirrored at its right and lower edge until they are;
/// applications do the same (docs/export.md).
torch::Tensor through_padded_tflite(const TfliteModel& model, const torch::Tensor& x, const std::string& where) {
  const TfliteTensor& declared = model.tensors[static_cast<std::size_t>(model.input)];
  const std::int64_t height = x.size(2), width = x.size(3);
  if (!declared.any_size) {
    if (declared.shape.size() == 4 && (declared.shape[1] != height || declared.shape[2] != width))
      throw RuntimeFailure("the file only supports pictures of width {} and height {}", declared.shape[2],
                           declared.shape[1]);
    return through_tflite(model, x, where);
  }
  const std::int64_t multiple = formats::spec_of(formats::Format::tflite).side_multiple;
  const auto missing = [&](std::int64_t side) { return (multiple - side % multiple) % multiple; };
  if (missing(height) + missing(width) == 0) return through_tflite(model, x, where);
  const torch::Tensor larger = torch::reflection_pad2d(x, {0, missing(width), 0, missing(height)});
  return through_tflite(model, larger, where).slice(2, 0, height).slice(3, 0, width).contiguous();
}

Runtime tflite(const fs::path& path) {
  const std::string where = path.string();
  const auto model = std::make_shared<const TfliteModel>(parse_tflite(read_file(path), where));
  return {.name = "tflite on libtorch",
          .run = [model, where](const torch::Tensor& x) { return through_padded_tflite(*model, x, where); },
          .bytecode = {}};
}

}  // namespace

LoadedFile load_file(const fs::path& path) {
  LoadedFile file{.description = describe_file(path), .runtimes = {}};
  const std::string& kind = file.description.kind;
  if (!file.description.architecture) throw DataError("{}: is {}, expected a style network", path.string(), kind);
  if (kind == "torchscript")
    file.runtimes = {torchscript(path)};
  else if (kind == "lite")
    file.runtimes = {lite(path)};
  else if (kind == "onnx")
    file.runtimes = onnx(path);
  else if (kind == "tflite")
    file.runtimes = {tflite(path)};
  else
    file.runtimes = {eager(path)};
  return file;
}

}  // namespace pocketstyle::exporting
