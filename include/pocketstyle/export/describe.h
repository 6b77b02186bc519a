// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/config/architecture.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace pocketstyle::exporting {

/// What one of our files is, read without running it.
struct FileDescription {
  std::string kind;  ///< "weights", "checkpoint", "vgg16 weights", "safetensors", "torchscript", "lite", "onnx"
  std::optional<config::Architecture> architecture;
  std::map<std::string, std::string> metadata;  ///< keys of nn/weights.h and whatever else the file says
  std::vector<std::pair<std::string, std::vector<std::int64_t>>> tensors;  ///< name and shape, safetensors and ONNX
  std::uint64_t bytes = 0;
  std::string sha256;
};

/// .safetensors, .pt, .ptl and .onnx files, or a run folder (its final weights, else its newest checkpoint). Checks the
/// whole file, but does not load it into a runtime: load_file of runtime.h does.
/// Throws DataError naming the path and what is wrong: missing, truncated, of another kind, from a newer version.
FileDescription describe_file(const std::filesystem::path& path);

}  // namespace pocketstyle::exporting
