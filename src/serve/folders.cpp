// SPDX-License-Identifier: Apache-2.0
#include "serve/folders.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"
#include "pocketstyle/core/log.h"
#include "pocketstyle/core/signals.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <iterator>
#include <system_error>

namespace pocketstyle::serve {
namespace fs = std::filesystem;
namespace {

void sync(const fs::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool synced = descriptor >= 0 && ::fsync(descriptor) == 0;
  const std::string why = std::generic_category().message(errno);
  if (descriptor >= 0) ::close(descriptor);
  if (!synced) throw DataError("{}: fsync failed: {}", path.string(), why);
}

}  // namespace

void Folders::make() const {
  for (const fs::path& folder : {jobs(), models()}) {
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) throw DataError("{}: cannot create the folder: {}", folder.string(), error.message());
  }
}

void sync_names(const fs::path& folder) {
  sync(folder);
}

void sync_all(const fs::path& folder) {
  for (const auto& entry : fs::recursive_directory_iterator(folder)) sync(entry.path());
  sync(folder);
}

std::string command_failure(std::string_view command, int code, const fs::path& log) {
  const std::string how = fmt::format("{} {}", command, failure_text(code));
  if (code > kSignalled) return how;
  const std::string said = last_line(read_file(log));
  return fmt::format("{}: {}", how, said.empty() ? "no output" : said);
}

bool is_run_name(const std::string& name) {
  const auto is_plain = [](unsigned char c) { return std::isalnum(c) || c == '.' || c == '_' || c == '-'; };
  constexpr std::size_t kLongest = 100;
  return !name.empty() && name.front() != '.' && name.find(".tmp") == std::string::npos && name.size() <= kLongest &&
         std::all_of(name.begin(), name.end(), is_plain);
}

bool is_run_file(const fs::path& path) {
  constexpr auto kDeepest = 2;
  return !path.empty() && std::distance(path.begin(), path.end()) <= kDeepest &&
         std::all_of(path.begin(), path.end(), [](const fs::path& name) { return is_run_name(name.string()); });
}

void remove_folder(const fs::path& folder) {
  std::error_code error;
  fs::remove_all(folder, error);
  if (error) log()->warn("[serve] {}: cannot be removed: {}", folder.string(), error.message());
}

}  // namespace pocketstyle::serve
