// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <vector>

namespace pocketstyle::bench {

struct Latency {
  double median_ms = 0, p90_ms = 0, min_ms = 0;
};
/// Of one or more times.
Latency summarize(std::vector<double> ms);

/// Times several calls, `warm_ups` + `repeats` rounds of all of them in turn, so that whatever else the machine does
/// meets each of them. The warm-ups do not count.
std::vector<Latency> time_in_turns(const std::vector<std::function<void()>>& calls, int warm_ups, int repeats);

}  // namespace pocketstyle::bench
