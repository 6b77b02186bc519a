// SPDX-License-Identifier: Apache-2.0
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

}  // namespace pocketstyle::testing
