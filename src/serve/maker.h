// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/serve/programs.h"

#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace pocketstyle::serve {

/// Pictures and files by the program's `make` command, in one process that stays for a while (programs.h).
class Maker {
 public:
  struct Made {
    std::int64_t bytes = 0;
    std::string sha256{}, error{};  ///< error: why there is nothing; empty: none
    bool was_tried = true;          ///< false: the error has nothing to do with what was asked for
  };
  struct Request {
    std::string make, weights{}, input{}, output{}, name{}, format{}, precision{};
    int size = 0;
  };
  enum class Urgency { someone_waits, soon };

  /// `folder`: for the requests; emptied.
  Maker(std::filesystem::path folder, std::filesystem::path log, RunProgram run);
  /// Stops, as stop() does.
  ~Maker();
  Maker(const Maker&) = delete;
  Maker& operator=(const Maker&) = delete;

  /// `made` is called later, on a thread of this; or at once, with an error, if it is stopped or the disk is full.
  void ask(const Request& request, Urgency urgency, std::function<void(const Made&)> made);
  /// The same, and waits. Throws RuntimeFailure with the error.
  Made make(const Request& request, Urgency urgency);
  [[nodiscard]] std::size_t asked() const;  ///< requests without an answer
  void stop();

 private:
  void run_program();
  void collect();
  void answer_busy(const std::string& error);
  void answer_all(const std::string& error);

  std::filesystem::path folder_, log_;
  RunProgram run_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::stop_source stop_;
  std::uint64_t count_ = 0;
  std::map<std::string, std::function<void(const Made&)>> asked_;  ///< by the request's name
  std::vector<std::jthread> threads_;
};

}  // namespace pocketstyle::serve
