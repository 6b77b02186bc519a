// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "report/cell.h"

#include <cstdint>

namespace pocketstyle::report {

// Cells for various figures; sentences use their to_text().

inline double ratio(std::int64_t baseline, std::int64_t net) {
  return static_cast<double>(baseline) / static_cast<double>(net);
}
inline Number count(std::int64_t value) {
  return {static_cast<double>(value), kGrouped};
}
inline Number share(std::int64_t part, std::int64_t whole) {
  return {100.0 * ratio(part, whole), 1, "%"};
}
/// By how much `after` is less than `before`.
inline Number saved(std::int64_t before, std::int64_t after) {
  return {100.0 * (1 - ratio(after, before)), 1, "%"};
}
inline Number megabytes(std::int64_t bytes) {
  return {static_cast<double>(bytes) / 1e6, 2, " MB"};
}
inline Number mega(std::int64_t value) {
  return {static_cast<double>(value) / 1e6, 1};
}
inline Number macs(std::int64_t value) {
  if (value < 100'000'000) return {static_cast<double>(value) / 1e6, 1, " MMAC"};
  return {static_cast<double>(value) / 1e9, 2, " GMAC"};
}
inline Number milliseconds(double ms) {
  return {ms, 1, " ms"};
}

}  // namespace pocketstyle::report
