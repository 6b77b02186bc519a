// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

namespace pocketstyle {

/// A new folder that only this user can read; the destructor deletes it with its content. Throws DataError.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace pocketstyle
