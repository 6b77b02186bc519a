// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/nn/style_net.h"

#include <filesystem>

namespace pocketstyle::exporting {

/// Restores the network from the weights in a file, as runtimes do: from .safetensors, run folders, and our .pt, .ptl,
/// .onnx and .tflite in fp32, fp16 or int8. In evaluation mode, gradients off. Throws DataError: missing, damaged, of
/// the wrong kind; int8-static, which is more than weights; a fixed even size in ONNX, where weights were merged.
nn::StyleNet load_stored_net(const std::filesystem::path& path);

}  // namespace pocketstyle::exporting
