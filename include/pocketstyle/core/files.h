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

/// Writes `bytes` so that `path` holds either its old content or all of the new one, whatever happens in between:
/// a temporary file in the same folder, fsync, rename, fsync of the folder. Missing parent folders are made.
/// Throws DataError (disk full, no permission); the temporary file is then gone.
void write_file_atomically(const std::filesystem::path& path, std::string_view bytes);

/// The same for a file that is written piece by piece, or by another library: it lies at temporary() until commit()
/// gives it its name; without that it goes. Missing parent folders are made. Throws DataError.
class AtomicFile {
 public:
  explicit AtomicFile(std::filesystem::path path);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;
  [[nodiscard]] const std::filesystem::path& temporary() const { return temporary_; }
  /// The file at temporary() must be written and closed.
  void commit();

 private:
  std::filesystem::path path_, temporary_;
};

/// Removes the temporary files in `folder` that writers left when they were killed: those with the number of a process
/// that does not run here any more, or of this one, which must not have begun to write there.
void remove_leftovers(const std::filesystem::path& folder);

/// Held while a process writes to a folder, which is made if it is not there. Throws UsageError if another process
/// holds it. It ends with the process, however that ends, and leaves no file.
class FolderLock {
 public:
  explicit FolderLock(const std::filesystem::path& folder);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  int descriptor_;
};

/// Throws UsageError if `path` is there and `force` is not set: nothing is replaced unasked.
void check_can_write(const std::filesystem::path& path, bool force);

/// Regular files below `folder` (recursively, links to folders followed but not back up) whose lower-cased extension is
/// one of `extensions` (".jpg"), sorted by path so that the order is the same everywhere. Throws DataError if `folder`
/// is not a folder.
std::vector<std::filesystem::path> list_files(const std::filesystem::path& folder,
                                              std::span<const std::string_view> extensions);

/// SHA-256 as 64 lower-case hexadecimal digits.
std::string sha256_hex(std::string_view bytes);
/// The same of a file's content. Throws DataError as read_file() does.
std::string file_sha256(const std::filesystem::path& path);

/// The lower-cased extension of `path`, dot included.
std::string lower_extension(const std::filesystem::path& path);

/// A file that the product ships, by its path below third_party (such as "vgg16/vgg16_conv4_3.safetensors"). Looked
/// for in $POCKETSTYLE_ASSETS, in share/pocketstyle/third_party beside the installed binary, then in the source tree.
/// Throws DataError naming every place.
std::filesystem::path find_asset(const std::string& relative_path);

/// The folder of trained networks that the product ships, models, beside that of the assets; empty if there is none.
std::filesystem::path find_models_folder();

/// 1234567 as "1.23 MB" (decimal units).
std::string human_bytes(double bytes);

/// 1234567 as "1,234,567".
std::string with_commas(long long value);

}  // namespace pocketstyle
