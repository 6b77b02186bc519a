// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/core/home_folder.h"

#include "pocketstyle/core/error.h"

#include <algorithm>
#include <cstdlib>

namespace pocketstyle {

std::filesystem::path expand_home(const std::string& path) {
  if (path != "~" && !path.starts_with("~/")) return path;
  const char* const home = std::getenv("HOME");
  if (home == nullptr || *home == '\0') throw UsageError("{}: cannot expand ~, since HOME is not set", path);
  return std::filesystem::path(home) / path.substr(std::min<std::size_t>(path.size(), 2));
}

}  // namespace pocketstyle
