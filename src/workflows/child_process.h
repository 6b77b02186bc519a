// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/core/signals.h"

#include <sys/types.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

namespace pocketstyle::workflows {

/// Strings in the form that execve needs.
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

/// Starts this program again; it receives SIGTERM when its parent ends. Its output goes to `log`, if not empty.
/// `signals` are blocked in it. Throws RuntimeFailure.
pid_t start_child(const Strings& arguments, char* const* environment, const sigset_t& signals,
                  const std::filesystem::path& log = {});

/// Calls start_child with all signals and waits for it. Sends SIGTERM when `stop` requests it, SIGKILL if it still runs
/// after `grace`. Returns its exit code, or kSignalled plus the signal's number.
int run_child(const Strings& arguments, char* const* environment, const std::filesystem::path& log,
              const std::stop_token& stop, std::chrono::milliseconds grace = std::chrono::seconds(60));

}  // namespace pocketstyle::workflows
