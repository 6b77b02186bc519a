// SPDX-License-Identifier: Apache-2.0
#include "cli/progress_bar.h"

#include <spdlog/fmt/fmt.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <ctime>
#include <iostream>
#include <utility>

namespace pocketstyle::cli {
namespace {
constexpr int kBarWidth = 24;
}

std::string duration_text(double seconds) {
  const auto whole = std::llround(seconds);
  const auto hours = whole / 3600, minutes = whole / 60 % 60, rest = whole % 60;
  return hours > 0 ? fmt::format("{}:{:02}:{:02}", hours, minutes, rest) : fmt::format("{}:{:02}", minutes, rest);
}

std::string clock_text(double seconds_from_now) {
  const std::time_t now = std::time(nullptr), then = now + std::llround(seconds_from_now);
  std::tm today{}, local{};
  ::localtime_r(&now, &today);
  ::localtime_r(&then, &local);
  const bool same_day = today.tm_yday == local.tm_yday && today.tm_year == local.tm_year;
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), same_day ? "%H:%M" : "%a %H:%M", &local);
  return text.data();
}

ProgressBar::ProgressBar(std::int64_t last, std::int64_t every)
    : last_(last), every_(every), terminal_(::isatty(STDOUT_FILENO) == 1) {}

bool ProgressBar::due(std::int64_t done) const {
  return terminal_ || done % every_ == 0 || done == last_;
}

double ProgressBar::seconds() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
}

void ProgressBar::start_at(std::int64_t done) {
  first_ = done;
  start_ = std::chrono::steady_clock::now();
}

void ProgressBar::set_last(std::int64_t last, std::int64_t every) {
  last_ = last;
  every_ = every;
}

void ProgressBar::show(std::int64_t done, const std::string& text) {
  if (!due(done)) return;
  std::string line = text;
  if (last_ > 0 && done > first_) {
    const double left = seconds() / static_cast<double>(done - first_) * static_cast<double>(last_ - done);
    line += fmt::format("  {} left, until {}", duration_text(std::max(0.0, left)), clock_text(left));
  }
  if (!terminal_) {
    std::cout << line << std::endl;
    return;
  }
  std::string bar;
  const auto filled = static_cast<int>(kBarWidth * std::min(done, last_) / std::max<std::int64_t>(1, last_));
  for (int i = 0; last_ > 0 && i < kBarWidth; ++i) bar += i < filled ? "█" : "░";
  std::cout << "\r\033[K" << bar << (bar.empty() ? "" : " ") << line << std::flush;
  drawn_ = true;
  if (done == last_) end();
}

void ProgressBar::say(const std::string& text) {
  if (std::exchange(drawn_, false)) std::cout << "\r\033[K";
  std::cout << text << std::endl;
}

void ProgressBar::end() {
  if (std::exchange(drawn_, false)) std::cout << std::endl;
}

}  // namespace pocketstyle::cli
