// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/core/files.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/walk.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <signal.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <system_error>

namespace pocketstyle {
namespace fs = std::filesystem;

namespace {

std::string reason() {
  return std::generic_category().message(errno);
}

/// A file descriptor that is closed by the destructor.
class Descriptor {
 public:
  Descriptor(const fs::path& path, int flags) : fd_(::open(path.c_str(), flags | O_CLOEXEC, 0644)) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return fd_; }
  /// Closes the file now and returns whether that worked: some file systems report a full disk only here.
  bool close() { return ::close(std::exchange(fd_, -1)) == 0; }

 private:
  int fd_;
};

void make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw DataError("{}: cannot create the folder: {}", folder.string(), error.message());
}

fs::path folder_of(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

/// The process that a temporary file belongs to, by its name: NAME.tmpPID, or .stagedPID.NAME for an export. 0: none.
pid_t writer_of(const std::string& name) {
  constexpr std::string_view kStaged = ".staged", kTemporary = ".tmp";
  const bool staged = name.starts_with(kStaged);
  const auto tail = name.rfind(kTemporary);
  if (!staged && tail == std::string::npos) return 0;
  const char* const begin = name.data() + (staged ? kStaged.size() : tail + kTemporary.size());
  const char* const end = name.data() + name.size();
  pid_t process = 0;
  const auto parsed = std::from_chars(begin, end, process);
  return parsed.ec == std::errc() && (staged ? parsed.ptr != end && *parsed.ptr == '.' : parsed.ptr == end) ? process
                                                                                                            : 0;
}

/// Whether `link` links to a folder that contains it: following it would never end.
bool leads_back_up(const fs::directory_entry& link) {
  std::error_code error;
  if (!link.is_symlink(error) || !link.is_directory(error)) return false;
  const fs::path target = fs::canonical(link.path(), error), place = fs::canonical(link.path().parent_path(), error);
  return error || std::mismatch(target.begin(), target.end(), place.begin(), place.end()).first == target.end();
}

bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace

std::string read_file(const fs::path& path) {
  std::error_code error;
  if (fs::is_directory(path, error)) throw DataError("{}: is a folder, expected a file", path.string());
  const Descriptor file(path, O_RDONLY);
  if (file.get() < 0) throw DataError("{}: cannot be read: {}", path.string(), reason());
  const auto expected = fs::file_size(path, error);
  std::string bytes;
  std::size_t size = 0;
  for (ssize_t count = 1; count != 0;) {
    if (size == bytes.size()) bytes.resize(std::max<std::size_t>(error ? 0 : expected + 1, 2 * size + 4096));
    count = ::read(file.get(), bytes.data() + size, bytes.size() - size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw DataError("{}: reading failed: {}", path.string(), reason());
    size += static_cast<std::size_t>(count);
  }
  bytes.resize(size);
  return bytes;
}

void check_can_write(const fs::path& path, bool force) {
  std::error_code ignored;
  if (!force && fs::exists(path, ignored))
    throw UsageError("{}: already exists; use --force to overwrite it", path.string());
}

void remove_leftovers(const fs::path& folder) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    const pid_t writer = writer_of(entry.path().filename().string());
    if (writer > 0 && (writer == ::getpid() || (::kill(writer, 0) != 0 && errno == ESRCH)))
      fs::remove(entry.path(), ignored);
  }
}

FolderLock::FolderLock(const fs::path& folder) : descriptor_(-1) {
  make_folder(folder);
  descriptor_ = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  // On a file system without locks, the folder is used without one.
  if (descriptor_ >= 0 && ::flock(descriptor_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
    ::close(descriptor_);
    throw UsageError("{}: another process is writing there", folder.string());
  }
}

FolderLock::~FolderLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

AtomicFile::AtomicFile(fs::path path) : path_(std::move(path)), temporary_(path_) {
  make_folder(folder_of(path_));
  temporary_ += fmt::format(".tmp{}", ::getpid());
}

AtomicFile::~AtomicFile() {
  ::unlink(temporary_.c_str());
}

void AtomicFile::commit() {
  const auto fail = [&](const char* what) { throw DataError("{}: {}: {}", path_.string(), what, reason()); };
  Descriptor file(temporary_, O_RDONLY);
  if (file.get() < 0) fail("cannot be written");
  if (::fsync(file.get()) != 0) fail("fsync failed");
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) fail("renaming failed");
  const Descriptor directory(folder_of(path_), O_RDONLY | O_DIRECTORY);
  if (directory.get() >= 0) ::fsync(directory.get());
}

void write_file_atomically(const fs::path& path, std::string_view bytes) {
  AtomicFile whole(path);
  const auto fail = [&](const char* what) { throw DataError("{}: {}: {}", path.string(), what, reason()); };
  Descriptor file(whole.temporary(), O_WRONLY | O_CREAT | O_TRUNC);
  if (file.get() < 0) fail("cannot be written");
  if (!write_all(file.get(), bytes)) fail("writing failed");
  if (!file.close()) fail("closing failed");
  whole.commit();
}

std::string lower_extension(const fs::path& path) {
  std::string extension = path.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return extension;
}

void walk(const fs::path& folder, const std::function<bool(const fs::directory_entry&)>& visit) {
  std::error_code error;
  if (!fs::is_directory(folder, error)) throw DataError("{}: expected a folder", folder.string());
  fs::recursive_directory_iterator entry(
      folder, fs::directory_options::follow_directory_symlink | fs::directory_options::skip_permission_denied, error);
  for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error))
    if (!visit(*entry) || leads_back_up(*entry)) entry.disable_recursion_pending();
  if (error) throw DataError("{}: cannot be listed: {}", folder.string(), error.message());
}

std::vector<fs::path> list_files(const fs::path& folder, std::span<const std::string_view> extensions) {
  std::vector<fs::path> files;
  walk(folder, [&](const fs::directory_entry& entry) {
    std::error_code ignored;
    if (entry.is_regular_file(ignored) &&
        std::find(extensions.begin(), extensions.end(), lower_extension(entry.path())) != extensions.end())
      files.push_back(entry.path());
    return true;
  });
  std::sort(files.begin(), files.end());
  return files;
}

std::string sha256_hex(std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int length = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &length, EVP_sha256(), nullptr) != 1)
    throw RuntimeFailure("SHA-256 is not available in this OpenSSL");
  std::string hex;
  for (unsigned int i = 0; i < length; ++i) hex += fmt::format("{:02x}", digest[i]);
  return hex;
}

std::string file_sha256(const fs::path& path) {
  return sha256_hex(read_file(path));
}

namespace {

/// Candidates for the location of third_party.
std::vector<fs::path> asset_places() {
  std::vector<fs::path> places;
  if (const char* folder = std::getenv("POCKETSTYLE_ASSETS")) places.emplace_back(folder);
  std::error_code error;
  const fs::path binary = fs::read_symlink("/proc/self/exe", error);
  if (!error) places.push_back(binary.parent_path().parent_path() / "share/pocketstyle/third_party");
  places.emplace_back(POCKETSTYLE_SOURCE_ASSETS);
  return places;
}

}  // namespace

fs::path find_models_folder() {
  std::error_code error;
  for (const fs::path& place : asset_places()) {
    const fs::path models = place.lexically_normal().parent_path() / "models";
    if (fs::is_directory(models, error)) return models;
  }
  return {};
}

fs::path find_asset(const std::string& relative_path) {
  std::error_code error;
  std::string tried;
  for (const fs::path& place : asset_places()) {
    if (fs::exists(place / relative_path, error)) return place / relative_path;
    tried += (tried.empty() ? "" : ", ") + place.string();
  }
  throw DataError("{}: not found in {}; set POCKETSTYLE_ASSETS to the folder that contains it", relative_path, tried);
}

std::string human_bytes(double bytes) {
  constexpr std::array kUnits = {"B", "kB", "MB", "GB", "TB"};
  std::size_t unit = 0;
  while (bytes >= 1000.0 && unit + 1 < kUnits.size()) {
    bytes /= 1000.0;
    ++unit;
  }
  return unit == 0 ? fmt::format("{:.0f} B", bytes) : fmt::format("{:.2f} {}", bytes, kUnits[unit]);
}

std::string with_commas(long long value) {
  std::string digits = std::to_string(value);
  const std::size_t first = value < 0 ? 1 : 0;
  for (std::size_t i = digits.size(); i > first + 3;) digits.insert(i -= 3, ",");
  return digits;
}

}  // namespace pocketstyle
