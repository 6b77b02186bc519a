// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <utility>
#include <vector>

namespace pocketstyle {

inline constexpr int kSignalled = 128;  ///< exit code of a process ended by signal n: 128 + n

/// Whether this process ignores `signal`, for example SIGHUP under nohup.
bool is_ignored(int signal);

/// The signals that ask a program to end: SIGINT, SIGTERM, SIGHUP (its terminal was closed) and SIGPIPE (the reader of
/// its output is gone).
std::span<const int> stop_signals();
bool is_stop_signal(int signal);

/// How a process ended that had exit code `code`, not 0: "failed with exit code 3", or "was ended by signal 9
/// (Killed)", with the likely cause where there is one.
std::string failure_text(int code);

/// Resets SIGCHLD to its default if it is ignored, as some supervisors have it. Otherwise the system would discard the
/// exit codes of children, and waitpid() would block until all of them have ended.
void keep_ended_children();

/// While this object exists, stop signals call `handler`; SIGHUP and SIGPIPE only if they are not ignored.
class StopHandlers {
 public:
  explicit StopHandlers(void (*handler)(int));
  ~StopHandlers() { release(); }
  StopHandlers(const StopHandlers&) = delete;
  StopHandlers& operator=(const StopHandlers&) = delete;

  /// Restores the previous handlers.
  void release();

 private:
  std::vector<std::pair<int, void (*)(int)>> before_;  ///< signal and previous handler
};

}  // namespace pocketstyle
