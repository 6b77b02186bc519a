// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/media/photo_files.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"
#include "pocketstyle/core/walk.h"
#include "pocketstyle/media/image.h"
#include "pocketstyle/media/video.h"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>
#include <system_error>

namespace pocketstyle::media {
namespace fs = std::filesystem;
namespace {

constexpr auto kReadable = std::to_array<std::string_view>({
    ".jpg",
    ".jpeg",
    ".jpe",
    ".jfif",
    ".png",
    ".webp",
    ".gif",
    ".bmp",
    ".tif",
    ".tiff",
    ".ppm",
    ".pgm",
#ifdef POCKETSTYLE_HEIF
    ".avif",
    ".heic",
    ".heif",
    ".hif",
#endif
});
constexpr std::array<std::string_view, 4> kHeif = {".avif", ".heic", ".heif", ".hif"};
constexpr std::array<std::string_view, 13> kVideos = {".mp4", ".m4v",  ".mov", ".mkv", ".webm", ".avi", ".wmv",
                                                      ".mpg", ".mpeg", ".3gp", ".mts", ".m2ts", ".flv"};
constexpr std::array<std::string_view, 11> kRaw = {".cr2", ".cr3", ".nef", ".arw", ".dng", ".raf",
                                                   ".orf", ".rw2", ".pef", ".srw", ".raw"};
constexpr std::array<std::string_view, 5> kSystemFiles = {"Thumbs.db", "ehthumbs.db", "desktop.ini", "Desktop.ini",
                                                          "Icon\r"};
constexpr std::array<std::string_view, 5> kSystemFolders = {"__MACOSX", "@eaDir", "$RECYCLE.BIN",
                                                            "System Volume Information", "lost+found"};

bool contains(std::span<const std::string_view> all, std::string_view one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

/// Why a folder is not looked into; empty if it is.
std::string folder_kind(const fs::directory_entry& entry, const fs::path& results) {
  const std::string name = entry.path().filename().string();
  std::error_code ignored;
  if (!results.empty() && fs::equivalent(entry.path(), results, ignored)) return "folder of results";
  if (contains(kSystemFolders, name)) return "system folder";
  return name.starts_with('.') ? "hidden folder" : "";
}

/// Why a file is no photo; empty if it is one.
std::string file_kind(const fs::path& path) {
  const std::string name = path.filename().string(), extension = lower_extension(path);
  if (name.starts_with("._") || name == ".DS_Store" || contains(kSystemFiles, name)) return "system file";
  if (name.starts_with('.')) return "hidden file";
  if (contains(readable_extensions(), extension)) return is_animation(path) ? "animation" : "";
  if (contains(kHeif, extension)) return "HEIC or AVIF picture (this build was made without libheif)";
  if (contains(kVideos, extension)) return "video";
  if (contains(kRaw, extension)) return "raw photo";
  return extension.empty() ? "file without an extension" : extension + " file";
}

/// "2 raw photos", "1 .txt file", "3 folders of results".
std::string counted(std::int64_t count, std::string kind) {
  if (count != 1) {
    const std::size_t end = std::min({kind.find(" of "), kind.find(" without "), kind.find(" ("), kind.size()});
    kind.insert(end, "s");
  }
  return fmt::format("{} {}", count, kind);
}

}  // namespace

std::span<const std::string_view> readable_extensions() {
  return kReadable;
}

std::string PhotoFiles::skipped_text() const {
  std::vector<std::string> parts;
  for (const auto& [kind, count] : skipped) parts.push_back(counted(count, kind));
  return fmt::format("{}", fmt::join(parts, ", "));
}

PhotoFiles find_photos(const fs::path& folder, const fs::path& results) {
  PhotoFiles found;
  walk(folder, [&](const fs::directory_entry& entry) {
    std::error_code ignored;
    const bool is_folder = entry.is_directory(ignored);
    if (!is_folder && !entry.is_regular_file(ignored)) return true;
    const std::string kind = is_folder ? folder_kind(entry, results) : file_kind(entry.path());
    if (!kind.empty()) ++found.skipped[kind];
    if (kind.empty() && !is_folder) found.photos.push_back(entry.path());
    return kind.empty();
  });
  std::sort(found.photos.begin(), found.photos.end());
  return found;
}

}  // namespace pocketstyle::media
