// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/results/measured.h"

#include <filesystem>
#include <string>
#include <vector>

namespace pocketstyle::bench {

/// Runs this program again, in a process of its own, with `arguments`, and waits for it. What it prints goes to the
/// file `output`. Throws RuntimeFailure if it cannot be started or does not end with code 0, with its last line.
results::ProcessCost time_process(const std::vector<std::string>& arguments, const std::filesystem::path& output);

}  // namespace pocketstyle::bench
