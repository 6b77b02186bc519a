// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/core/signals.h"

#include <atomic>

namespace pocketstyle::cli {

/// While this object exists, stop signals (core/signals.h) do not end the process but request it to stop.
class StopSignals {
 public:
  StopSignals();

  [[nodiscard]] const std::atomic<bool>& requested() const;
  /// Restores the default: signals end the process.
  void release() { handlers_.release(); }
  /// The exit code of a stopped process: 128 plus the signal's number, or SIGTERM's if there was none.
  [[nodiscard]] int exit_code() const;

 private:
  StopHandlers handlers_;
};

}  // namespace pocketstyle::cli
