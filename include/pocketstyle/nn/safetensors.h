// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/torch.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace pocketstyle::nn {

/// A safetensors file in memory: named tensors in file order, and its text metadata `__metadata__`.
/// Format: https://huggingface.co/docs/safetensors (8-byte header length, JSON header, raw little-endian data).
struct TensorFile {
  std::vector<std::pair<std::string, torch::Tensor>> tensors;
  std::map<std::string, std::string> metadata;

  /// The tensor of that name, or nullptr.
  [[nodiscard]] const torch::Tensor* find(const std::string& name) const;
  /// How many numbers its tensors have together.
  [[nodiscard]] std::uint64_t numbers() const;
};

/// Reads F64, F32, F16, BF16, I64, I32, I16, I8, U8 and BOOL. Throws DataError naming the path and the problem: too
/// short, header not JSON, offsets outside or overlapping, a size that does not match its shape.
TensorFile read_safetensors(const std::filesystem::path& path);
TensorFile parse_safetensors(std::string_view bytes, const std::string& name);

/// For error messages about PyTorch checkpoints, which are pickles and not safe to read: what the file is and how to
/// convert it.
std::string how_to_convert(const std::filesystem::path& path);
/// Whether a file is such a pickle, alone or in a zip archive, judged by its first bytes.
bool looks_like_pickle(std::string_view bytes);

/// The file's content; tensors must be contiguous and on the CPU, data is aligned to 8 bytes.
std::string to_safetensors(const TensorFile& file);
/// Writes to_safetensors() atomically. Throws DataError.
void write_safetensors(const std::filesystem::path& path, const TensorFile& file);

}  // namespace pocketstyle::nn
