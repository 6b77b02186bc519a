// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/nn/weights.h"

#include <filesystem>
#include <string>
#include <vector>

namespace pocketstyle::exporting {

struct ImportedNet {
  nn::LoadedNet loaded;
  std::vector<std::string> notes;  ///< what was found, dropped and rescaled, one line each
};

/// Imports a network trained with the well-known PyTorch example fast_neural_style, its state dict stored as
/// safetensors. That network's input and output are 0..255; its first and last convolution are rescaled to ours,
/// exactly, because reflection padding commutes with a constant and instance norm cancels the shift. Biases that
/// instance norm cancels and old running statistics are dropped. At sizes that are not a multiple of 4 the original's
/// output is larger than the input, ours is the same size. The architecture is inferred from the shapes. Throws
/// DataError: unreadable, or a tensor is missing, unknown, not finite or of the wrong shape.
ImportedNet import_net(const std::filesystem::path& path);

}  // namespace pocketstyle::exporting
