// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/results/measured.h"

#include <functional>
#include <vector>

namespace pocketstyle::bench {

/// Statistics of one or more times.
results::Latency summarize(std::vector<double> ms);

/// What is measured: elapsed time, or the time that the calling thread spent on a processor, which does not depend much
/// on other load on the machine.
enum class Clock { wall, processor };

/// Times several calls in `warm_ups` + `repeats` rounds. In each round all of them take turns, so that other load on
/// the machine affects all alike. Warm-up rounds are not counted.
std::vector<results::Latency> time_in_turns(const std::vector<std::function<void()>>& calls, int warm_ups, int repeats,
                                            Clock clock = Clock::wall);

}  // namespace pocketstyle::bench
