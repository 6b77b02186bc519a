// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pocketstyle {

/// The whole file as bytes. Throws DataError naming the path and the system's reason.
std::string read_file(const std::filesystem::path& path);

/// Writes `bytes` so that `path` holds either its old content or all of the new one, even after a crash: temporary file
/// in the same folder, fsync, rename, fsync of the folder. Creates missing parent folders. Throws DataError (disk full,
/// no permission) and removes the temporary file.
void write_file_atomically(const std::filesystem::path& path, std::string_view bytes);

/// The same for a file that is written piece by piece or by another library. It is written to temporary(), and commit()
/// renames it; without commit() it is deleted. Creates missing parent folders. Throws DataError.
class AtomicFile {
 public:
  explicit AtomicFile(std::filesystem::path path);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;
  [[nodiscard]] const std::filesystem::path& temporary() const { return temporary_; }
  /// Requires: the file at temporary() is written and closed.
  void commit();

 private:
  std::filesystem::path path_, temporary_;
};

/// Deletes temporary files in `folder` that killed writers left behind: those with the id of a process that no longer
/// runs here, or of this process, which must not have started writing there.
void remove_leftovers(const std::filesystem::path& folder);

/// Lock that a process holds while it writes to a folder, which is created if missing. Throws UsageError if another
/// process holds the lock. The lock ends with the process, however that ends, and leaves no file.
class FolderLock {
 public:
  explicit FolderLock(const std::filesystem::path& folder);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  int descriptor_;
};

/// Throws UsageError if `path` exists and `force` is not set: nothing is overwritten without being asked.
void check_can_write(const std::filesystem::path& path, bool force);

/// Regular files below `folder` (recursive; follows links to folders, except cycles) whose lower-case extension is one
/// of `extensions` (".jpg"), sorted by path so that the order is the same everywhere. Throws DataError if `folder` is
/// not a folder.
std::vector<std::filesystem::path> list_files(const std::filesystem::path& folder,
                                              std::span<const std::string_view> extensions);

/// SHA-256 as 64 lower-case hexadecimal digits.
std::string sha256_hex(std::string_view bytes);
/// SHA-256 of a file's content. Throws DataError as read_file() does.
std::string file_sha256(const std::filesystem::path& path);

/// The extension of `path` in lower case, including the dot.
std::string lower_extension(const std::filesystem::path& path);

/// A shipped file, by its path below third_party (such as "vgg16/vgg16_conv4_3.safetensors"). Searched in
/// $POCKETSTYLE_ASSETS, in share/pocketstyle/third_party beside the installed binary, then in the source tree. Throws
/// DataError listing all of these places.
std::filesystem::path find_asset(const std::string& relative_path);

/// The folder of shipped trained networks, `models`, beside that of the assets; empty if there is none.
std::filesystem::path find_models_folder();

/// 1234567 as "1.23 MB" (decimal units).
std::string human_bytes(double bytes);

/// 1234567 as "1,234,567".
std::string with_commas(long long value);

}  // namespace pocketstyle
