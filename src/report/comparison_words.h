// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/report/comparison.h"

#include <string>
#include <vector>

namespace pocketstyle::report {

/// What each network except the first gains and costs, in a sentence or two each.
std::vector<std::string> verdicts(const Comparison& comparison);
/// How everything was measured, and the limits of the figures.
std::vector<std::string> how_measured(const Comparison& comparison);
/// "bottleneck, slim and mini against original"
std::string who_against_whom(const Comparison& comparison);

}  // namespace pocketstyle::report
