// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/nn/model_files.h"
#include "pocketstyle/nn/safetensors.h"
#include "pocketstyle/nn/style_net.h"

#include <filesystem>
#include <map>
#include <string>

namespace pocketstyle::nn {

/// A trained network and its file's metadata.
struct LoadedNet {
  StyleNet net{nullptr};
  std::map<std::string, std::string> metadata;
};

/// Adds "net.<name>" tensors for each parameter of `net`, and the architecture key, to `file`.
void put_net(TensorFile& file, const StyleNet& net);
/// Copies tensor `name` of `file` into `into`. Throws DataError if it is missing or has the wrong shape.
void copy_tensor(const TensorFile& file, const std::string& name, torch::Tensor& into, const std::string& where);
/// Copies the "net.<name>" tensors into `net`. Throws DataError naming a tensor that is missing or has the wrong shape.
void get_net(const TensorFile& file, StyleNet& net, const std::string& where);

void save_net(const std::filesystem::path& path, const StyleNet& net, const std::map<std::string, std::string>& extra);
/// Loads a weights file, a checkpoint or a run folder. In evaluation mode, gradients off. Throws DataError.
LoadedNet load_net(const std::filesystem::path& path);

}  // namespace pocketstyle::nn
