// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

namespace pocketstyle::workflows {

/// One figure over several seeds.
struct Spread {
  double mean = 0;
  double deviation = 0;  ///< the sample's standard deviation (n - 1); 0 for one seed
  double low = 0, high = 0;
  std::size_t seeds = 0;
};
/// Of one value or more.
Spread spread(const std::vector<double>& values);

/// By how many percent each value is above the baseline's at the same place, which is of the same seed. Throws
/// std::out_of_range if the baseline has fewer.
Spread percent_against(const std::vector<double>& values, const std::vector<double>& baseline);

}  // namespace pocketstyle::workflows
