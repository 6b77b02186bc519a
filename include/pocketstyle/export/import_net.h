// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/nn/weights.h"

#include <filesystem>
#include <string>
#include <vector>

namespace pocketstyle::exporting {

struct ImportedNet {
  nn::LoadedNet loaded;
  std::vector<std::string> notes;  ///< what was found, dropped and rescaled, a line each
};

/// A network trained with the well-known PyTorch example fast_neural_style, its state dict as safetensors. That network
/// takes and gives 0..255; its first and last convolution are rescaled to ours, exactly: padding by reflection commutes
/// with a constant, and instance norm cancels the shift. Biases that instance norm cancels and old running statistics
/// are dropped. At sizes that are not a multiple of 4 the original gives a larger picture, ours one as large as the
/// input. The architecture is read from the shapes. Throws DataError: unreadable, a tensor missing, unknown, not
/// finite, of another shape.
ImportedNet import_net(const std::filesystem::path& path);

}  // namespace pocketstyle::exporting
