// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/config/config.h"

#include <torch/torch.h>

#include <string>

namespace pocketstyle::train {

/// What the weights depend on besides the code, as JSON: kept in every checkpoint, and compared when a run goes on.
std::string make_provenance(const config::Config& config, const std::string& vgg_sha256, torch::ScalarType compute_type,
                            int world);

/// Throws UsageError if a run at `where` that was made with `saved` cannot go on with `now`; logs a warning if it can
/// but will not equal an unbroken one.
void check_same_sources(const std::string& saved, const std::string& now, const std::string& where);

}  // namespace pocketstyle::train
