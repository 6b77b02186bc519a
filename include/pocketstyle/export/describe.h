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

/// What one of our files contains, read without running it.
struct FileDescription {
  std::string kind;  ///< "weights", "checkpoint", "vgg16 weights", "safetensors", "torchscript", "lite", "onnx",
                     ///< "tflite"
  std::optional<config::Architecture> architecture;
  std::map<std::string, std::string> metadata;  ///< keys of run/metadata.h and any others in the file
  std::vector<std::pair<std::string, std::vector<std::int64_t>>>
      tensors;                                    ///< name and shape; safetensors, ONNX and LiteRT only
  std::map<std::string, std::int64_t> operators;  ///< how often each is used; ONNX and LiteRT only
  /// LiteRT only: what keeps it from running as a whole on phones' GPUs, one line each; empty if nothing is known to.
  std::optional<std::vector<std::string>> gpu_obstacles;
  std::uint64_t bytes = 0;
  std::string sha256;
};

/// Reads .safetensors, .pt, .ptl, .onnx and .tflite files, or a run folder (its final weights, or else its newest
/// checkpoint). Checks the whole file but does not load it into a runtime: load_file of runtime.h does. Throws
/// DataError naming the path and the problem: missing, truncated, of the wrong kind, from a newer version.
FileDescription describe_file(const std::filesystem::path& path);

}  // namespace pocketstyle::exporting
