// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/bench/timing.h"

#include <algorithm>
#include <chrono>

namespace pocketstyle::bench {
namespace {

double ms_of(const std::function<void()>& call) {
  const auto start = std::chrono::steady_clock::now();
  call();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

results::Latency summarize(std::vector<double> ms) {
  std::sort(ms.begin(), ms.end());
  return {.median_ms = ms[ms.size() / 2], .p90_ms = ms[ms.size() * 9 / 10], .min_ms = ms.front()};
}

std::vector<results::Latency> time_in_turns(const std::vector<std::function<void()>>& calls, int warm_ups,
                                            int repeats) {
  std::vector<std::vector<double>> ms(calls.size());
  for (int round = 0; round < warm_ups + repeats; ++round)
    for (std::size_t i = 0; i < calls.size(); ++i) {
      const double one = ms_of(calls[i]);
      if (round >= warm_ups) ms[i].push_back(one);
    }
  std::vector<results::Latency> latencies;
  latencies.reserve(ms.size());
  for (std::vector<double>& one : ms) latencies.push_back(summarize(std::move(one)));
  return latencies;
}

}  // namespace pocketstyle::bench
