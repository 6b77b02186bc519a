// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pocketstyle::exporting {

/// A constant, or a value that an operator computes.
struct TfliteTensor {
  std::string name{};
  torch::ScalarType dtype = torch::kFloat32;
  std::vector<std::int64_t> shape{};  ///< where sizes are free: at the size that the file names
  bool any_size = false;              ///< of an input or output: height and width are free
  torch::Tensor data{};               ///< undefined if computed
  torch::Tensor scale{};              ///< of int8: float32, one per index of dimension `scale_dim`
  std::int64_t scale_dim = 0;
  /// The numbers that the constant stands for, float32.
  [[nodiscard]] torch::Tensor restore() const;
};

/// A built-in operator with one output.
struct TfliteOperator {
  std::string op;                      ///< name in the schema, such as "CONV_2D"
  std::vector<std::int64_t> inputs{};  ///< indices of tensors
  std::int64_t output = 0;
  std::map<std::string, std::int64_t> options{};  ///< those that differ from the schema's default
};

// Values of options.
inline constexpr std::int64_t kPaddingValid = 1, kActivationRelu = 1, kMirrorReflect = 0;

/// The part of LiteRT's format that style networks need (tensorflow/compiler/mlir/lite/schema/schema.fbs).
struct TfliteModel {
  std::string description;
  std::map<std::string, std::string> metadata;
  std::vector<TfliteTensor> tensors;
  std::vector<TfliteOperator> operators;  ///< in execution order
  std::int64_t input = 0, output = 0;     ///< indices of tensors
};

/// The file's content; the same model gives the same bytes.
std::string to_tflite_bytes(const TfliteModel& model);

/// Reads what to_tflite_bytes writes, and other programs' files with these operators. Checks the whole file: offsets,
/// indices, types, data against shapes. Throws DataError that begins with `where`.
TfliteModel parse_tflite(std::string_view bytes, const std::string& where);

/// Whether the bytes begin as a .tflite file does.
bool looks_like_tflite(std::string_view bytes);

/// Puts the SHA-256 of the file in place of the 64 zeros of kNoContentHash that it holds. has_content_sha256: whether
/// `hash` is that of the file.
inline const std::string kNoContentHash(64, '0');
std::string with_content_sha256(std::string bytes);
bool has_content_sha256(std::string bytes, const std::string& hash);

/// What keeps the model from running as a whole on the GPU delegates of phones, one line each; empty if nothing is
/// known to. docs/export.md has the rules and their sources.
std::vector<std::string> gpu_obstacles(const TfliteModel& model);

/// Runs a model with LibTorch's operators, in code independent of the training and export code. `input` has the model's
/// type and, unless its sizes are free, shape. Throws DataError (`where`) for an unsupported operator or shape.
torch::Tensor run_tflite(const TfliteModel& model, const torch::Tensor& input, const std::string& where);

}  // namespace pocketstyle::exporting
