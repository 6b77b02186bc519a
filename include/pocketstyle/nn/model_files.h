// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

// What model files are called, without reading their tensors.
namespace pocketstyle::nn {

/// A file is itself; a run folder is its final weights, or its newest checkpoint if it has none or went on after them.
/// Throws DataError if it has neither.
std::filesystem::path resolve_net_path(const std::filesystem::path& path);

}  // namespace pocketstyle::nn
