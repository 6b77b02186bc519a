// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>

namespace pocketstyle {

/// Calls `visit` for each file and folder below `folder`, links to folders followed but not back up; what it returns
/// for a folder says whether to go on inside. Their order is the system's. Throws DataError if `folder` is not a
/// folder.
void walk(const std::filesystem::path& folder,
          const std::function<bool(const std::filesystem::directory_entry&)>& visit);

}  // namespace pocketstyle
