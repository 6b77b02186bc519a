// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/core/temporary_folder.h"

#include <filesystem>
#include <string>

namespace pocketstyle::testing {

/// A new empty folder that is removed by the destructor.
class TempDir : public TemporaryFolder {
 public:
  std::filesystem::path operator/(const std::string& name) const { return path() / name; }
};

}  // namespace pocketstyle::testing
