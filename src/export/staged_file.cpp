// SPDX-License-Identifier: Apache-2.0
#include "export/staged_file.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"

#include <unistd.h>

#include <utility>

namespace pocketstyle::exporting {
namespace fs = std::filesystem;

StagedFile::StagedFile(fs::path final_path)
    : final_(std::move(final_path)),
      temporary_(final_.parent_path() / fmt::format(".staged{}.{}", ::getpid(), final_.filename().string())) {}

StagedFile::StagedFile(StagedFile&& other) noexcept
    : final_(std::move(other.final_)), temporary_(std::exchange(other.temporary_, fs::path())) {}

StagedFile::~StagedFile() {
  std::error_code ignored;
  if (!temporary_.empty()) fs::remove(temporary_, ignored);
}

void StagedFile::write(std::string_view bytes) const {
  write_file_atomically(temporary_, bytes);
}

void StagedFile::commit() {
  std::error_code error;
  fs::rename(temporary_, final_, error);
  if (error) throw DataError("{}: renaming failed: {}", final_.string(), error.message());
  temporary_.clear();
}

}  // namespace pocketstyle::exporting
