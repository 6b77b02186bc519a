// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <string>
#include <string_view>

namespace pocketstyle::results {

/// A value with its 95% interval.
struct Interval {
  double value = 0, low = 0, high = 0;
  [[nodiscard]] bool is_known() const { return std::isfinite(low) && std::isfinite(high); }  ///< one photo has none
};

enum class Better { lower, higher, neither };
std::string_view to_string(Better better);  ///< "lower", "higher", "neither"

/// A quantity that is measured on every validation photo.
struct Metric {
  std::string key;      ///< "total", "ssim": name in JSON
  std::string heading;  ///< label of its table row
  std::string unit;     ///< empty if it has none
  Better better = Better::neither;
  std::string help;      ///< description in one sentence
  bool relative = true;  ///< differences are in percent of the baseline's mean; false: in the unit, since values are
                         ///< around zero
};
inline constexpr const char* kHeadlineMetric = "total";  ///< key of the validation loss

/// What a difference from the baseline means.
enum class Verdict {
  better,
  worse,
  same,       ///< too small to matter, such as rounding differences
  uncertain,  ///< the interval includes zero
  none,       ///< neither direction is better
};
inline constexpr double kNegligiblePercent = 0.05;
inline constexpr double kNegligible = 0.005;  ///< in the metric's unit, such as levels of 255

/// The single rule for `better` and `worse`: the difference is not negligible, and its interval excludes zero.
/// `relative`: as in Metric::relative, the difference is in percent.
Verdict verdict(const Interval& difference, Better better, bool relative = true);

}  // namespace pocketstyle::results
