// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace pocketstyle::cli {

/// "1:02:03" or "2:03".
std::string duration_text(double seconds);

/// How far a piece of work is, on standard output: a bar that is redrawn on a terminal, plain lines elsewhere.
class ProgressBar {
 public:
  /// The work goes from `first` to `last`; 0: nobody knows how far. Elsewhere than on a terminal a line comes every
  /// `every`, and at the end.
  ProgressBar(std::int64_t first, std::int64_t last, std::int64_t every);
  /// Whether show() would show anything now.
  [[nodiscard]] bool due(std::int64_t done) const;
  /// `text`, and how long the rest will take.
  void show(std::int64_t done, const std::string& text);
  /// A line of its own, which stays.
  void say(const std::string& text);
  /// Leaves the bar as it is, for what is printed next.
  void end();
  [[nodiscard]] bool terminal() const { return terminal_; }
  [[nodiscard]] double seconds() const;  ///< so far

 private:
  std::int64_t first_, last_, every_;
  bool terminal_, drawn_ = false;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace pocketstyle::cli
