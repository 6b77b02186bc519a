// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/nn/safetensors.h"
#include "pocketstyle/run/metadata.h"

#include <filesystem>

namespace pocketstyle::testing {

/// A small file whose metadata claims a network of gigabytes.
inline void write_oversized_net(const std::filesystem::path& path) {
  nn::TensorFile file;
  file.tensors = {{"x", torch::ones({2})}};
  file.metadata[run::kArchitectureKey] =
      run::architecture_to_json({9, {4096, 4096, 4096}, config::BlockKind::residual, 100, 0});
  nn::write_safetensors(path, file);
}

}  // namespace pocketstyle::testing
