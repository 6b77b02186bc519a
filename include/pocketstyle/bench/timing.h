// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/results/measured.h"

#include <functional>
#include <vector>

namespace pocketstyle::bench {

/// Of one or more times.
results::Latency summarize(std::vector<double> ms);

/// Times several calls, `warm_ups` + `repeats` rounds of all of them in turn, so that whatever else the machine does
/// meets each of them. The warm-ups do not count.
std::vector<results::Latency> time_in_turns(const std::vector<std::function<void()>>& calls, int warm_ups, int repeats);

}  // namespace pocketstyle::bench
