// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/config/architecture.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace pocketstyle::network {

/// The shape of each tensor of a weights file, by parameter name.
using TensorSizes = std::map<std::string, std::vector<std::int64_t>>;

/// Infers the architecture from tensor shapes: kernel, widths and number of blocks as found; the kind of block is the
/// one that matches most of the first block's convolutions. Other tensors are ignored. Throws DataError (`where` names
/// the file) if a convolution outside the blocks is missing or has another shape, or numbers are out of range.
config::Architecture infer_architecture(const TensorSizes& tensors, const std::string& where);

}  // namespace pocketstyle::network
