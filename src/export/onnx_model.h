// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace pocketstyle::exporting {

using OnnxAttribute = std::variant<std::int64_t, float, std::string, std::vector<std::int64_t>>;

/// An operator with one output.
struct OnnxNode {
  std::string op;
  std::vector<std::string> inputs;  ///< an empty name: an omitted optional input
  std::string output;
  std::map<std::string, OnnxAttribute> attributes;
};

/// An input or output of the graph; a dimension is a number, or a name if it is variable.
struct OnnxValue {
  std::string name;
  torch::ScalarType dtype{};
  std::vector<std::variant<std::int64_t, std::string>> shape;
};

/// The part of ONNX that style networks need: https://onnx.ai/onnx/repo-docs/IR.html (ModelProto).
struct OnnxModel {
  std::int64_t ir_version = 7, opset = 13;
  std::string producer, producer_version;
  std::map<std::string, std::string> metadata;
  std::vector<OnnxNode> nodes;                                      ///< in execution order
  std::vector<std::pair<std::string, torch::Tensor>> initializers;  ///< float32, float16, int8, uint8, int64
  std::vector<OnnxValue> inputs, outputs;
};

/// The file's content; the same model gives the same bytes.
std::string to_onnx_bytes(const OnnxModel& model);

/// Reads what to_onnx_bytes writes, and other programs' files with these features. Checks the whole file: lengths,
/// types, tensor data against shapes. Throws DataError that begins with `where`.
OnnxModel parse_onnx(std::string_view bytes, const std::string& where);

/// SHA-256 of everything but the metadata, and its metadata key: runtimes do not detect damaged files reliably.
std::string content_sha256(OnnxModel model);
inline constexpr const char* kContentHashKey = "content_sha256";

/// Runs a model with LibTorch's operators, in code independent of the training and export code. `input` has the model's
/// dtype and shape; `observe`, if given, sees every value as it is computed. Throws DataError (`where`) for an
/// unsupported operator or shape.
using OnnxObserver = std::function<void(const std::string& name, const torch::Tensor& value)>;
torch::Tensor run_onnx(const OnnxModel& model, const torch::Tensor& input, const std::string& where,
                       const OnnxObserver& observe = {});

}  // namespace pocketstyle::exporting
