// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>
#include <vector>

namespace pocketstyle::report {

/// Which of the points are on the Pareto front, where both numbers are better low: no other is as good in both and
/// better in one.
std::vector<bool> on_pareto_front(const std::vector<std::pair<double, double>>& points);

}  // namespace pocketstyle::report
