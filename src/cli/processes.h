// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/train/process_group.h"

#include <CLI/CLI.hpp>

#include <cstdint>
#include <memory>
#include <string>

namespace pocketstyle::cli {

/// The options of training in several processes, with torchrun's names and meanings.
struct ProcessOptions {
  int machines = 1, machine = 0, processes = 1;
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;
  std::string store;
  int timeout_s = 300;
};
void add_process_options(CLI::App& command, ProcessOptions& options);

/// Whether this process is to start the others on its machine rather than to train itself.
bool starts_others(const ProcessOptions& options);

/// Starts options.processes copies of this program with its own arguments and torchrun's environment variables, hands
/// SIGINT and SIGTERM on to them, and waits for all. When one ends too early the others are told to end, and made to
/// after the timeout. Returns the worst exit code: a failure's before a signal's before 0.
int start_others(const ProcessOptions& options);

/// The group this process belongs to, by torchrun's environment variables if they are set, else by `options`: joined,
/// or of one. Throws UsageError, PeerLost.
std::shared_ptr<train::ProcessGroup> join_group(const ProcessOptions& options);

}  // namespace pocketstyle::cli
