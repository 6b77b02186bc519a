// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/config/config.h"
#include "pocketstyle/nn/style_net.h"
#include "pocketstyle/run/provenance.h"

#include <filesystem>

namespace pocketstyle::train {

/// Replaces the random weights of `net` by those of train.init and logs which; nn::fit_ends(), where it applies, uses
/// photos of `data`. Throws DataError (no such network, a base network of another architecture), UsageError (a smaller
/// network).
run::Init load_initial_weights(const std::filesystem::path& init, const config::DataConfig& data, nn::StyleNet& net);

}  // namespace pocketstyle::train
