// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace pocketstyle::report {

/// Maps values to positions along one side of a chart.
class Axis {
 public:
  /// Covers `low` to `high` with a margin; logarithmic axes need positive values.
  Axis(double low, double high, bool logarithmic, double first_pixel, double last_pixel);

  [[nodiscard]] double pixel(double value) const;
  /// Round values within the axis, about `most` of them.
  [[nodiscard]] std::vector<double> ticks(int most) const;

 private:
  [[nodiscard]] double scaled(double value) const;
  bool logarithmic_;
  double low_, high_, first_pixel_, last_pixel_;  // low_, high_: scaled
};

/// A round value in short form: "250k", "1.5M", "0.8".
std::string short_number(double value);

}  // namespace pocketstyle::report
