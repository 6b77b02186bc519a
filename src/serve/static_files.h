// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>

namespace pocketstyle::serve {

struct StaticFile {
  std::filesystem::path path;
  std::string type, etag;
  bool immutable = false;  ///< the name changes with the content
};

/// The files below a folder by URL path ("/assets/app-1f3a.js"), listed when the object is created. A URL can only name
/// one of these, so it cannot escape from the folder.
class StaticFiles {
 public:
  /// Empty if the path is empty or the folder has no index.html. Throws DataError: a file cannot be read.
  explicit StaticFiles(const std::filesystem::path& folder);
  [[nodiscard]] const StaticFile* find(const std::string& url_path) const;
  [[nodiscard]] std::size_t size() const { return files_.size(); }

 private:
  std::map<std::string, StaticFile> files_;
};

/// The media type of a file by its extension.
std::string media_type(const std::filesystem::path& path);

}  // namespace pocketstyle::serve
