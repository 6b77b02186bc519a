// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace pocketstyle::workflows {

inline constexpr std::uint16_t kDefaultPort = 29500;  ///< torchrun's

/// Training in several processes (docs/parallel.md), with torchrun's names and meanings.
struct ProcessOptions {
  int machines = 1, machine = 0, processes = 1;
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  ///< 0: kDefaultPort, or a file where all processes are on one machine
  std::string store;       ///< "file:///path": meet in a new file rather than at a port
  int timeout_s = 300;
};

/// Whether this process is to start the others on its machine rather than to train itself. Throws UsageError.
bool starts_others(const ProcessOptions& options);

/// Starts options.processes copies of this program with its own arguments and torchrun's environment variables, hands
/// SIGINT and SIGTERM on to them, and waits for all. When one ends too early the others are told to end, and made to
/// after the timeout. `killed` hears of a process that was ended by a signal that nobody here sent. Returns the worst
/// exit code: a failure's before a signal's before 0.
int start_others(const ProcessOptions& options, const std::function<void(int rank, int process, int signal)>& killed);

}  // namespace pocketstyle::workflows
