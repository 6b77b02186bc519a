// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

// Finds model files, without reading their tensors.
namespace pocketstyle::nn {

/// A file is returned as it is; for a run folder, its final weights, or its newest checkpoint if there are none or
/// training went on after them. Throws DataError if it has neither.
std::filesystem::path resolve_net_path(const std::filesystem::path& path);

}  // namespace pocketstyle::nn
