// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>  // fmt::join, since fmt 11

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace pocketstyle {

/// Why something failed; the number is the exit code of the program.
enum class ErrorKind { runtime = 1, usage = 2, data = 3, verification = 4 };

/// The only exception type of the library. The message is one clear line: what, where, expected, found.
class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, const std::string& message) : std::runtime_error(message), kind_(kind) {}
  [[nodiscard]] ErrorKind kind() const { return kind_; }
  [[nodiscard]] int exit_code() const { return static_cast<int>(kind_); }

 private:
  ErrorKind kind_;
};

/// `throw UsageError("... {}", value)`: the user asked for something impossible (an option, a config key). `DataError`:
/// a file or folder is missing, corrupt or of the wrong kind. `RuntimeFailure`: the work itself failed.
/// `VerificationError`: a computed result turned out to be wrong, so nothing was written.
template <ErrorKind kKind>
class ErrorOf : public Error {
 public:
  template <class... Args>
  explicit ErrorOf(fmt::format_string<Args...> format, Args&&... args)
      : Error(kKind, fmt::format(format, std::forward<Args>(args)...)) {}
};
using RuntimeFailure = ErrorOf<ErrorKind::runtime>;
using UsageError = ErrorOf<ErrorKind::usage>;
using DataError = ErrorOf<ErrorKind::data>;
using VerificationError = ErrorOf<ErrorKind::verification>;

/// Another library's message, cut to its first line, since many go on with a stack trace.
inline std::string first_line(std::string_view text) {
  return std::string(text.substr(0, text.find('\n')));
}
/// The last line of a program's output that is not empty; empty if there is none.
inline std::string last_line(std::string_view text) {
  text = text.substr(0, text.find_last_not_of('\n') + 1);
  return std::string(text.substr(text.rfind('\n') + 1));
}

}  // namespace pocketstyle
