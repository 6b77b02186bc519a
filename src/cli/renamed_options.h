// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace pocketstyle::cli {

/// Replaces old option names in `arguments` (without the program's name) by the current ones, and logs a warning for
/// each.
std::vector<std::string> with_current_names(std::vector<std::string> arguments);

}  // namespace pocketstyle::cli
