// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/results/metric.h"

#include <cmath>

namespace pocketstyle::results {

std::string_view to_string(Better better) {
  return better == Better::lower ? "lower" : better == Better::higher ? "higher" : "neither";
}

Verdict verdict(const Interval& difference, Better better, bool relative) {
  if (better == Better::neither) return Verdict::none;
  if (std::abs(difference.value) < (relative ? kNegligiblePercent : kNegligible)) return Verdict::same;
  const bool below = difference.high<0, above = difference.low> 0;
  if (!std::isfinite(difference.value) || below == above) return Verdict::uncertain;
  return below == (better == Better::lower) ? Verdict::better : Verdict::worse;
}

}  // namespace pocketstyle::results
