// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/nn/style_net.h"
#include "pocketstyle/run/provenance.h"

#include <filesystem>

namespace pocketstyle::train {

/// Replaces the random weights of `net` by those of train.init and logs which. Throws DataError (no such network, a
/// base network of another architecture), UsageError (a smaller network).
run::Init load_initial_weights(const std::filesystem::path& init, nn::StyleNet& net);

}  // namespace pocketstyle::train
