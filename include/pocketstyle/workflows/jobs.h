// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace pocketstyle::workflows {

/// A command of this program, and the file for its output.
struct Job {
  std::vector<std::string> arguments;  ///< without the program's name
  std::filesystem::path log;
};

/// Runs jobs in order, `parallel` at a time. `ended` is called for each with its exit code (128 + the signal's number).
/// Returns the number of the signal that stopped the work, after which no job was started, or 0.
using JobRunner = std::function<int(const std::vector<Job>& jobs, std::size_t parallel,
                                    const std::function<void(std::size_t job, int exit_code)>& ended)>;

/// The JobRunner that starts this program again for each job, in processes that end when this one ends. Stop signals
/// (core/signals.h) are forwarded to them. Throws RuntimeFailure if a process cannot be started, DataError if a log
/// cannot be written.
int run_jobs(const std::vector<Job>& jobs, std::size_t parallel,
             const std::function<void(std::size_t job, int exit_code)>& ended);

}  // namespace pocketstyle::workflows
