// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/nn/safetensors.h"
#include "pocketstyle/nn/style_net.h"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

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

/// A trained network and what its file says of it.
struct LoadedNet {
  StyleNet net{nullptr};
  std::map<std::string, std::string> metadata;
};

/// Puts "net.<name>" tensors for each parameter of `net`, and the architecture key, into `file`.
void put_net(TensorFile& file, const StyleNet& net);
/// Copies tensor `name` of `file` into `into`. Throws DataError if it is missing or of another shape.
void copy_tensor(const TensorFile& file, const std::string& name, torch::Tensor& into, const std::string& where);
/// Copies the "net.<name>" tensors into `net`. Throws DataError naming a missing tensor or a wrong shape.
void get_net(const TensorFile& file, StyleNet& net, const std::string& where);

void save_net(const std::filesystem::path& path, const StyleNet& net, const std::map<std::string, std::string>& extra);
/// From a weights file, a checkpoint or a run folder. In evaluation mode, gradients off. Throws DataError.
LoadedNet load_net(const std::filesystem::path& path);

/// Where a run keeps the checkpoint of `step`: RUN/checkpoints/step-00000250.safetensors.
std::filesystem::path checkpoint_path(const std::filesystem::path& run_folder, std::int64_t step);
/// The checkpoints of a run, oldest first; empty if there are none.
std::vector<std::filesystem::path> list_checkpoints(const std::filesystem::path& run_folder);
/// A file is itself; a run folder is its final weights, or its newest checkpoint if it has none or went on after them.
/// Throws DataError if it has neither.
std::filesystem::path resolve_net_path(const std::filesystem::path& path);

}  // namespace pocketstyle::nn
