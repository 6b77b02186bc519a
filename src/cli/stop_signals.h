// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>

namespace pocketstyle::cli {

/// While one lives, SIGINT and SIGTERM no longer end the process: they ask it to stop.
class StopSignals {
 public:
  StopSignals();
  ~StopSignals() { release(); }
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  [[nodiscard]] const std::atomic<bool>& requested() const;
  /// Signals end the process again.
  void release();
  /// The exit code of a process that was stopped: 128 and the signal's number, SIGTERM's if none came.
  [[nodiscard]] int exit_code() const;
};

}  // namespace pocketstyle::cli
