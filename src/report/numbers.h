// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/core/files.h"

#include <spdlog/fmt/fmt.h>

#include <cmath>
#include <cstdint>
#include <string>

namespace pocketstyle::report {

inline double ratio(std::int64_t baseline, std::int64_t net) {
  return static_cast<double>(baseline) / static_cast<double>(net);
}
inline std::string times(double value) {
  return fmt::format("{:.2f}x", value);
}
inline std::string percent(std::int64_t part, std::int64_t whole) {
  return fmt::format("{:.1f}%", 100.0 * ratio(part, whole));
}
inline std::string megabytes(std::int64_t bytes) {
  return fmt::format("{:.2f} MB", static_cast<double>(bytes) / 1e6);
}
inline std::string mega(std::int64_t value) {
  return fmt::format("{:.1f}", static_cast<double>(value) / 1e6);
}
inline std::string macs_text(std::int64_t macs) {
  if (macs < 100'000'000) return mega(macs) + " MMAC";
  return fmt::format("{:.2f} GMAC", static_cast<double>(macs) / 1e9);
}
inline std::string milliseconds(double ms) {
  return fmt::format("{:.1f} ms", ms);
}
/// Four digits that count: "257,299", "1,234", "28.41", "0.8127".
inline std::string four_digits(double value) {
  const double size = value < 0 ? -value : value;
  if (size >= 999.95) return with_commas(std::llround(value));
  return fmt::format("{:.{}f}", value, size >= 100 ? 1 : size >= 10 ? 2 : size >= 1 ? 3 : 4);
}
inline bool prints_as_zero(double percent) {
  return std::abs(percent) < 0.05;
}
inline std::string signed_percent(double percent) {
  return fmt::format("{:+.1f}%", percent);
}

}  // namespace pocketstyle::report
