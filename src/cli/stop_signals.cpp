// SPDX-License-Identifier: Apache-2.0
#include "cli/stop_signals.h"

#include <csignal>

namespace pocketstyle::cli {
namespace {

std::atomic<bool> stop_requested{false};
std::atomic<int> stop_signal{0};
static_assert(std::atomic<bool>::is_always_lock_free && std::atomic<int>::is_always_lock_free);

void request_stop(int signal) {
  stop_signal = signal;
  stop_requested = true;
}

}  // namespace

StopSignals::StopSignals() : handlers_(request_stop) {}

const std::atomic<bool>& StopSignals::requested() const {
  return stop_requested;
}

int StopSignals::exit_code() const {
  return kSignalled + (stop_signal == 0 ? SIGTERM : stop_signal.load());
}

}  // namespace pocketstyle::cli
