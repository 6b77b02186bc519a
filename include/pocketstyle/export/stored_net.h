// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/nn/style_net.h"

#include <filesystem>

namespace pocketstyle::exporting {

/// The network whose weights a file holds, as its runtimes restore them: from .safetensors, run folders, and our .pt,
/// .ptl and .onnx in fp32, fp16 or int8. In evaluation mode, gradients off. Throws DataError: missing, damaged, of
/// another kind; int8-static, which is not its weights alone; a fixed even size in ONNX, whose weights were merged.
nn::StyleNet load_stored_net(const std::filesystem::path& path);

}  // namespace pocketstyle::exporting
