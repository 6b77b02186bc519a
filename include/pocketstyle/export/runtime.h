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

/// A file loaded by one of the runtimes that can run it.
struct Runtime {
  std::string name;  ///< "torchscript", "lite", "opencv", "onnx on libtorch", "tflite on libtorch",
                     ///< "pocketstyle"
  Runner run;
  std::optional<std::int64_t> bytecode;  ///< bytecode version, Lite files only
};

/// A loaded file and its description.
struct LoadedFile {
  FileDescription description;
  std::vector<Runtime> runtimes;  ///< one or more; the fastest first
};

/// Loads a style network from any supported file: .pt, .ptl, .onnx and .tflite (all three kinds of both),
/// .safetensors, a run folder.
/// Converts pictures to the file's input type, including bytes. Throws DataError: missing, damaged, of the wrong kind.
LoadedFile load_file(const std::filesystem::path& path);

}  // namespace pocketstyle::exporting
