// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/config/architecture.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

// What model files are called and say of themselves, without reading their tensors.
namespace pocketstyle::nn {

/// Metadata keys that every weights file, checkpoint and export of ours carries (docs/formats.md).
inline constexpr const char* kFormatKey = "pocketstyle.format";     ///< "weights 1" or "checkpoint 1"
inline constexpr const char* kArchitectureKey = "pocketstyle.net";  ///< JSON: kernel, widths, block, blocks, mid
inline constexpr const char* kProvenanceKey =
    "pocketstyle.run";  ///< JSON: style, step, seed, loss convention, versions

inline constexpr const char* kWeightsFormat = "weights 1";
inline constexpr const char* kCheckpointFormat = "checkpoint 1";
inline constexpr const char* kFinalWeightsName = "final.safetensors";

std::string architecture_to_json(const config::Architecture& architecture);
/// Throws DataError (`where` names the file) on malformed JSON or numbers out of range.
config::Architecture architecture_from_json(const std::string& json, const std::string& where);

/// Where a run keeps the checkpoint of `step`: RUN/checkpoints/step-00000250.safetensors.
std::filesystem::path checkpoint_path(const std::filesystem::path& run_folder, std::int64_t step);
/// The checkpoints of a run, oldest first; empty if there are none.
std::vector<std::filesystem::path> list_checkpoints(const std::filesystem::path& run_folder);
/// A file is itself; a run folder is its final weights, or its newest checkpoint if it has none or went on after them.
/// Throws DataError if it has neither.
std::filesystem::path resolve_net_path(const std::filesystem::path& path);

}  // namespace pocketstyle::nn
