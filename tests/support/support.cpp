// SPDX-License-Identifier: Apache-2.0
#include "support/temp_dir.h"

#include <unistd.h>

#include <cstdlib>
#include <stdexcept>
#define CATCH_CONFIG_MAIN  // Catch2 2 makes its main here; 3 links one
#include "support/catch.h"

namespace pocketstyle::testing {

std::string error_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    const char* kind = error.kind() == ErrorKind::usage          ? "usage"
                       : error.kind() == ErrorKind::data         ? "data"
                       : error.kind() == ErrorKind::verification ? "verification"
                                                                 : "runtime";
    return std::string(kind) + ": " + error.what();
  }
  return "no error";
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TempDir::TempDir() {
  std::string pattern = (std::filesystem::temp_directory_path() / "pocketstyle-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
  path_ = pattern;
}

TempDir::~TempDir() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace pocketstyle::testing
