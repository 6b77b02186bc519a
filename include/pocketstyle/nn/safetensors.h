// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/torch.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace pocketstyle::nn {

/// A safetensors file in memory: named tensors in file order, and the free text map `__metadata__`.
/// Format: https://huggingface.co/docs/safetensors (8-byte header length, JSON header, raw little-endian data).
struct TensorFile {
  std::vector<std::pair<std::string, torch::Tensor>> tensors;
  std::map<std::string, std::string> metadata;

  /// The tensor of that name, or nullptr.
  [[nodiscard]] const torch::Tensor* find(const std::string& name) const;
};

/// Reads F64, F32, F16, BF16, I64, I32, I16, I8, U8 and BOOL. Throws DataError naming path and fault: too short,
/// header not JSON, offsets outside or overlapping, a size that does not fit its shape.
TensorFile read_safetensors(const std::filesystem::path& path);
TensorFile parse_safetensors(std::string_view bytes, const std::string& name);

/// The file's bytes: each tensor contiguous on the CPU, data aligned to 8 bytes.
std::string to_safetensors(const TensorFile& file);
/// to_safetensors, written atomically. Throws DataError.
void write_safetensors(const std::filesystem::path& path, const TensorFile& file);

}  // namespace pocketstyle::nn
