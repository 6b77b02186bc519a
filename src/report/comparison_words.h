// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/report/comparison.h"

#include <string>
#include <vector>

namespace pocketstyle::report {

/// What each network but the first is, gains and costs: a sentence or two each.
std::vector<std::string> verdicts(const Comparison& comparison);
/// How everything was measured, and what the figures do not say.
std::vector<std::string> how_measured(const Comparison& comparison);
/// "bottleneck, slim and mini against original"
std::string who_against_whom(const Comparison& comparison);

}  // namespace pocketstyle::report
