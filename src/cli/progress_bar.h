// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace pocketstyle::cli {

/// "1:02:03" or "2:03".
std::string duration_text(double seconds);
/// The local time that many seconds from now: "14:05", or "Sat 14:05" if it is not today.
std::string clock_text(double seconds_from_now);

/// Shows progress on standard output: a redrawn bar on a terminal, otherwise plain lines.
class ProgressBar {
 public:
  /// The work ends at `last`; 0: the end is unknown. Without a terminal, a line is printed every `every` and at the
  /// end.
  ProgressBar(std::int64_t last, std::int64_t every);
  /// Whether show() would print anything now.
  [[nodiscard]] bool due(std::int64_t done) const;
  /// Counts the time from now on, with `done` done: the work before was preparation or slower than the rest.
  void start_at(std::int64_t done);
  /// Sets the end and the interval of lines once they are known.
  void set_last(std::int64_t last, std::int64_t every);
  /// Shows `text`, the estimated time left, and when the work will be done.
  void show(std::int64_t done, const std::string& text);
  /// Prints a permanent line.
  void say(const std::string& text);
  /// Ends the bar, so that other output can follow.
  void end();
  [[nodiscard]] bool terminal() const { return terminal_; }
  [[nodiscard]] double seconds() const;  ///< so far

 private:
  std::int64_t first_ = 0, last_, every_;
  bool terminal_, drawn_ = false;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace pocketstyle::cli
