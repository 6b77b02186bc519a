// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string_view>

namespace pocketstyle::exporting {

/// A file that is written under a temporary name in its folder, checked, and only then renamed. Without commit() the
/// destructor deletes it.
class StagedFile {
 public:
  explicit StagedFile(std::filesystem::path final_path);
  ~StagedFile();
  StagedFile(StagedFile&& other) noexcept;
  StagedFile& operator=(StagedFile&&) = delete;

  [[nodiscard]] const std::filesystem::path& final_path() const { return final_; }
  [[nodiscard]] const std::filesystem::path& temporary_path() const { return temporary_; }
  /// Throws DataError like write_file_atomically.
  void write(std::string_view bytes) const;
  /// Throws DataError when renaming fails.
  void commit();

 private:
  std::filesystem::path final_, temporary_;
};

}  // namespace pocketstyle::exporting
