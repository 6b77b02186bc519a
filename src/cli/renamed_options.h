// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace pocketstyle::cli {

/// `arguments`, without the program's name, with options that have had another name under today's. Each old name that
/// is met is logged as a warning that names the new one.
std::vector<std::string> with_current_names(std::vector<std::string> arguments);

}  // namespace pocketstyle::cli
