// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace pocketstyle::fuzz {

/// A file in memory, for readers that want a path.
class File {
 public:
  File(std::string_view bytes, const std::string& extension)
      : path_("/dev/shm/pocketstyle_fuzz" + std::to_string(::getpid()) + extension) {
    std::ofstream(path_, std::ios::binary) << bytes;
  }
  ~File() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace pocketstyle::fuzz
