// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/serve/programs.h"

#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

namespace pocketstyle::serve {

struct WorkerOptions {
  std::string url;                   ///< the server
  std::filesystem::path token_file;  ///< holds the server's token
  std::filesystem::path data;        ///< folder for the job that is being trained; created if missing
  std::filesystem::path config;      ///< names this machine's photos
  std::string name;                  ///< of this machine, for the server's log
};

/// Trains jobs of a server's queue on this machine, one at a time, with the same program. The server lends a job
/// for two minutes, again and again while it hears from the worker; then it goes back into the queue. What a run has
/// written is sent to the server while it trains, so another machine can continue from its newest checkpoint.
class Worker {
 public:
  /// Throws UsageError (the URL, the configuration), DataError (the token, the folder).
  Worker(WorkerOptions options, RunProgram run);
  /// Until stopped; a training then writes a checkpoint, which is sent, and its job goes back. A server that cannot be
  /// reached is asked again. Throws UsageError if the server refuses the token.
  void work(const std::stop_token& stop);

 private:
  WorkerOptions options_;
  RunProgram run_;
  std::vector<std::string> settings_;  ///< of this machine, instead of the job's
};

}  // namespace pocketstyle::serve
