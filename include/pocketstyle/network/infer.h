// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/config/architecture.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace pocketstyle::network {

/// The sizes of each tensor of a weights file, by the parameter's name.
using TensorSizes = std::map<std::string, std::vector<std::int64_t>>;

/// The architecture that tensors of these sizes are of: the kernel, widths and number of blocks as found, the kind of
/// block that most of the first block's convolutions fit. Tensors beyond those are not looked at. Throws DataError
/// (`where` names the file): a convolution outside the blocks is missing or not a convolution's, numbers out of range.
config::Architecture infer_architecture(const TensorSizes& tensors, const std::string& where);

}  // namespace pocketstyle::network
