// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

namespace pocketstyle {

/// Replaces "~" at the start of a path by the home folder, as shells do ("~", "~/photos", not "~name"). Throws
/// UsageError if HOME is not set.
std::filesystem::path expand_home(const std::string& path);

}  // namespace pocketstyle
