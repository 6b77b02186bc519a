// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/config/config.h"
#include "pocketstyle/core/error.h"

#include <cmath>
#include <string>

namespace pocketstyle::config {

/// A bound in readable form: 4096, 0.02, 1e-12.
inline std::string number_text(double number) {
  return std::trunc(number) == number && std::abs(number) < 1e16 ? fmt::format("{:.0f}", number)
                                                                 : fmt::format("{:.12g}", number);
}

/// "16 to 4096", or "0 or more" where the upper bound is only a sanity limit; empty if there are no bounds.
inline std::string range_text(const FieldInfo& info) {
  if (!std::isfinite(info.min)) return "";
  if (info.max >= kMany) return number_text(info.min) + " or more";
  return number_text(info.min) + " to " + number_text(info.max);
}

}  // namespace pocketstyle::config
