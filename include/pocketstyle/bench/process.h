// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/results/measured.h"

#include <filesystem>
#include <string>
#include <vector>

namespace pocketstyle::bench {

/// Runs this program again in a separate process with `arguments` and waits for it. Its output goes to the file
/// `output`. Throws RuntimeFailure with the last line of the output if the process cannot be started or its exit code
/// is not 0.
results::ProcessCost time_process(const std::vector<std::string>& arguments, const std::filesystem::path& output);

}  // namespace pocketstyle::bench
