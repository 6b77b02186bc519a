// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace pocketstyle::workflows {

inline constexpr std::uint16_t kDefaultPort = 29500;  ///< torchrun's

/// Training in several processes (docs/parallel.md), with the names and meanings of torchrun.
struct ProcessOptions {
  int machines = 1, machine = 0, processes = 1;
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  ///< 0: kDefaultPort, or a file where all processes are on one machine
  std::string store;       ///< "file:///path": rendezvous in a new file instead of at a port
  int timeout_s = 300;
};

/// Whether this process should start the others on its machine instead of training itself. Throws UsageError.
bool starts_others(const ProcessOptions& options);

/// Starts options.processes copies of this program with its own arguments and torchrun's environment variables,
/// forwards stop signals (core/signals.h) to them, and waits for all. When one ends too early, the others are asked to
/// end, and killed after the timeout. `killed` is called for a process that was ended by a signal not sent from here.
/// Returns the worst exit code: of failures first, then of signals, then 0.
int start_others(const ProcessOptions& options, const std::function<void(int rank, int process, int signal)>& killed);

}  // namespace pocketstyle::workflows
