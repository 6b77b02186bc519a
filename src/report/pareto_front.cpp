// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/report/pareto_front.h"

#include <algorithm>

namespace pocketstyle::report {

std::vector<bool> on_pareto_front(const std::vector<std::pair<double, double>>& points) {
  std::vector<bool> result;
  for (const auto& point : points)
    result.push_back(std::none_of(points.begin(), points.end(), [&](const auto& other) {
      return other.first <= point.first && other.second <= point.second && other != point;
    }));
  return result;
}

}  // namespace pocketstyle::report
