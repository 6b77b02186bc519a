// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <spdlog/fmt/fmt.h>

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

}  // namespace pocketstyle::report
