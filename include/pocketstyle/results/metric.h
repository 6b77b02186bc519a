// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace pocketstyle::results {

/// A value with its 95% interval.
struct Interval {
  double value = 0, low = 0, high = 0;
};

enum class Better { lower, higher, neither };
std::string_view to_string(Better better);  ///< "lower", "higher", "neither"

/// A figure that is measured on every validation photo.
struct Metric {
  std::string key;      ///< "total", "ssim": in JSON
  std::string heading;  ///< of a table's row
  std::string unit;     ///< empty if it has none
  Better better = Better::neither;
  std::string help;      ///< what it is, in one sentence
  bool relative = true;  ///< differences are in percent of the baseline's mean; false: in the unit, since values lie
                         ///< around zero
};
inline constexpr const char* kHeadlineMetric = "total";  ///< key of the validation loss

/// What a difference to a baseline says.
enum class Verdict {
  better,
  worse,
  same,       ///< too small to matter: what other rounding makes
  uncertain,  ///< the interval includes zero
  none,       ///< neither direction is better
};
inline constexpr double kNegligiblePercent = 0.05;
inline constexpr double kNegligible = 0.005;  ///< in the metric's unit: levels of 255

/// The one rule for `better` and `worse`: the difference is not negligible, and its interval leaves out zero.
/// `relative`: as Metric::relative, the difference is in percent.
Verdict verdict(const Interval& difference, Better better, bool relative = true);

}  // namespace pocketstyle::results
