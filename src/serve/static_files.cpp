// SPDX-License-Identifier: Apache-2.0
#include "serve/static_files.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"

#include <string_view>

namespace pocketstyle::serve {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kHashed = "/assets/";  // folder of the web build for files with a hash in their names

const std::map<std::string, std::string>& types() {
  static const std::map<std::string, std::string> kTypes = {{".html", "text/html; charset=utf-8"},
                                                            {".js", "text/javascript; charset=utf-8"},
                                                            {".mjs", "text/javascript; charset=utf-8"},
                                                            {".css", "text/css; charset=utf-8"},
                                                            {".json", "application/json"},
                                                            {".map", "application/json"},
                                                            {".webmanifest", "application/manifest+json"},
                                                            {".wasm", "application/wasm"},
                                                            {".svg", "image/svg+xml"},
                                                            {".png", "image/png"},
                                                            {".jpg", "image/jpeg"},
                                                            {".jpeg", "image/jpeg"},
                                                            {".webp", "image/webp"},
                                                            {".ico", "image/x-icon"},
                                                            {".woff2", "font/woff2"},
                                                            {".txt", "text/plain; charset=utf-8"}};
  return kTypes;
}

}  // namespace

std::string media_type(const fs::path& path) {
  const auto found = types().find(lower_extension(path));
  return found == types().end() ? "application/octet-stream" : found->second;
}

StaticFiles::StaticFiles(const fs::path& folder) {
  if (folder.empty() || !fs::exists(folder / "index.html")) return;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file() || entry.is_symlink()) continue;
    const std::string url = "/" + entry.path().lexically_relative(folder).generic_string();
    files_[url] = {entry.path(), media_type(entry.path()), '"' + file_sha256(entry.path()) + '"',
                   url.starts_with(kHashed)};
  }
  files_["/"] = files_["/index.html"];
}

const StaticFile* StaticFiles::find(const std::string& url_path) const {
  const auto found = files_.find(url_path);
  return found == files_.end() ? nullptr : &found->second;
}

}  // namespace pocketstyle::serve
