// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/config/config.h"
#include "pocketstyle/workflows/variants.h"

#include <filesystem>
#include <vector>

namespace pocketstyle::workflows {

/// One row per variant, from its first seed, below the validation photos. Nothing if the configuration has none.
void draw_contact_sheet(const std::filesystem::path& file, const std::vector<VariantResult>& results,
                        const config::Config& config);

}  // namespace pocketstyle::workflows
