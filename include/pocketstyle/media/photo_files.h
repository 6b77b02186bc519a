// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace pocketstyle::media {

/// The photos of a folder, and what else lies there.
struct PhotoFiles {
  std::vector<std::filesystem::path> photos;    ///< sorted by path, so that the order is the same everywhere
  std::map<std::string, std::int64_t> skipped;  ///< how many of which kind, such as "hidden folder"

  /// "2 hidden folders, 1 video"; empty if nothing was skipped.
  [[nodiscard]] std::string skipped_text() const;
};

/// Pictures below `folder`, links to folders followed but not back up. Left out are files and folders of the system,
/// hidden ones, animations, pictures that this build cannot read, everything below `results`, and other files. Throws
/// DataError if `folder` is not a folder.
PhotoFiles find_photos(const std::filesystem::path& folder, const std::filesystem::path& results = {});

}  // namespace pocketstyle::media
