// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/core/temporary_folder.h"

#include "pocketstyle/core/error.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>

namespace pocketstyle {

TemporaryFolder::TemporaryFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "pocketstyle-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr)
    throw DataError("{}: cannot create a temporary folder: {}", name, std::strerror(errno));
  path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace pocketstyle
