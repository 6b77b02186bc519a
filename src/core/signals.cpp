// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/core/signals.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstring>

namespace pocketstyle {
namespace {
constexpr std::array kStopSignals = {SIGINT, SIGTERM, SIGHUP, SIGPIPE};
}

bool is_ignored(int signal) {
  struct sigaction action {};
  return ::sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

std::span<const int> stop_signals() {
  return kStopSignals;
}

void keep_ended_children() {
  if (is_ignored(SIGCHLD)) std::signal(SIGCHLD, SIG_DFL);
}

bool is_stop_signal(int signal) {
  return std::find(kStopSignals.begin(), kStopSignals.end(), signal) != kStopSignals.end();
}

std::string failure_text(int code) {
  const int signal = code - kSignalled;
  if (signal <= 0) return fmt::format("failed with exit code {}", code);
  const char* cause = signal == SIGKILL ? ": most likely, memory ran out" : "";
  return fmt::format("was ended by signal {} ({}){}", signal, ::strsignal(signal), cause);
}

StopHandlers::StopHandlers(void (*handler)(int)) {
  for (const int signal : kStopSignals)
    if (signal == SIGINT || signal == SIGTERM || !is_ignored(signal))  // shells ignore SIGINT for background jobs
      before_.emplace_back(signal, std::signal(signal, handler));
}

void StopHandlers::release() {
  for (const auto& [signal, handler] : before_) std::signal(signal, handler);
  before_.clear();
}

}  // namespace pocketstyle
