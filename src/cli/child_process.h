// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <csignal>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

namespace pocketstyle::cli {

/// Strings as execve takes them.
class Strings {
 public:
  explicit Strings(std::vector<std::string> strings) : strings_(std::move(strings)) {
    for (std::string& text : strings_) pointers_.push_back(text.data());
    pointers_.push_back(nullptr);
  }
  [[nodiscard]] char* const* get() const { return pointers_.data(); }

 private:
  std::vector<std::string> strings_;
  std::vector<char*> pointers_;
};

/// Starts this program again; it is told to end when its parent ends. `log`, if not empty, takes what it prints.
/// `signals` are blocked in it. Throws RuntimeFailure.
pid_t start_child(const Strings& arguments, char* const* environment, const sigset_t& signals,
                  const std::filesystem::path& log = {});

/// As start_child, with all signals, and waits for it. SIGTERM when `stop` asks, SIGKILL a while later. Returns its
/// exit code, or 128 and a signal's number.
int run_child(const Strings& arguments, char* const* environment, const std::filesystem::path& log,
              const std::stop_token& stop);

/// A command of this program, and the file that what it prints goes to.
struct Job {
  std::vector<std::string> arguments;  ///< without the program's name
  std::filesystem::path log;
};

/// Runs jobs in their order, `parallel` at a time. `ended` hears of each, with its exit code (128 + a signal's number).
/// SIGINT and SIGTERM are handed on, and no more are started. Returns the signal, or 0.
int run_jobs(const std::vector<Job>& jobs, std::size_t parallel, const std::function<void(std::size_t, int)>& ended);

}  // namespace pocketstyle::cli
