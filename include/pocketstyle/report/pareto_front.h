// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>
#include <vector>

namespace pocketstyle::report {

/// Marks the points on the Pareto front, where lower is better for both numbers: no other point is as good in both and
/// better in one.
std::vector<bool> on_pareto_front(const std::vector<std::pair<double, double>>& points);

}  // namespace pocketstyle::report
