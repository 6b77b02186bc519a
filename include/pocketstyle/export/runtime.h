// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/export/describe.h"

#include <torch/torch.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace pocketstyle::exporting {

/// Runs a network: float32 [1, 3, H, W], RGB 0..1, to the same, clamped. Not thread-safe.
using Runner = std::function<torch::Tensor(const torch::Tensor& picture_nchw01)>;

/// A file, loaded by something that can run it.
struct Runtime {
  std::string name;  ///< "torchscript", "lite", "opencv", "onnx on libtorch", "pocketstyle"
  Runner run;
  std::optional<std::int64_t> bytecode;  ///< its version, Lite files only
};

/// A loaded file and what it is.
struct LoadedFile {
  FileDescription description;
  std::vector<Runtime> runtimes;  ///< one or more; the fastest first
};

/// Loads a style network from whatever file holds one: .pt, .ptl, .onnx (all three kinds), .safetensors, a run folder.
/// Pictures are converted to what the file takes, bytes too. Throws DataError: missing, damaged, of another kind.
LoadedFile load_file(const std::filesystem::path& path);

}  // namespace pocketstyle::exporting
