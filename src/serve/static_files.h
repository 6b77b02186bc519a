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
  bool immutable = false;  ///< its name changes with its content
};

/// The files below a folder, by what a URL calls them ("/assets/app-1f3a.js"), as they are when it is made. A URL can
/// only name one of these, so it leads nowhere else.
class StaticFiles {
 public:
  /// An empty path, or a folder without index.html, gives none. Throws DataError: a file cannot be read.
  explicit StaticFiles(const std::filesystem::path& folder);
  [[nodiscard]] const StaticFile* find(const std::string& url_path) const;
  [[nodiscard]] std::size_t size() const { return files_.size(); }

 private:
  std::map<std::string, StaticFile> files_;
};

/// The media type of a file by its extension.
std::string media_type(const std::filesystem::path& path);

}  // namespace pocketstyle::serve
