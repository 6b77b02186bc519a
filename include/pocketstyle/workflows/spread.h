// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

namespace pocketstyle::workflows {

/// One quantity over several seeds.
struct Spread {
  double mean = 0;
  double deviation = 0;  ///< sample standard deviation (n - 1); 0 for one seed
  double low = 0, high = 0;
  std::size_t seeds = 0;
};
/// Requires: at least one value.
Spread spread(const std::vector<double>& values);

/// Percentage by which each value exceeds the baseline's value at the same index, which is of the same seed. Throws
/// std::out_of_range if the baseline has fewer values.
Spread percent_against(const std::vector<double>& values, const std::vector<double>& baseline);

}  // namespace pocketstyle::workflows
