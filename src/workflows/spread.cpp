// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/workflows/spread.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace pocketstyle::workflows {

Spread spread(const std::vector<double>& values) {
  const auto count = static_cast<double>(values.size());
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  Spread result{.mean = std::accumulate(values.begin(), values.end(), 0.0) / count,
                .low = *low,
                .high = *high,
                .seeds = values.size()};
  if (values.size() < 2) return result;
  double squares = 0;
  for (const double value : values) squares += (value - result.mean) * (value - result.mean);
  result.deviation = std::sqrt(squares / (count - 1));
  return result;
}

Spread percent_against(const std::vector<double>& values, const std::vector<double>& baseline) {
  std::vector<double> percent;
  for (std::size_t i = 0; i < values.size(); ++i) percent.push_back(100 * (values[i] / baseline.at(i) - 1));
  return spread(percent);
}

}  // namespace pocketstyle::workflows
