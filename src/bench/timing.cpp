// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/bench/timing.h"

#include <algorithm>
#include <chrono>
#include <ctime>

namespace pocketstyle::bench {
namespace {

double now_ms(Clock clock) {
  if (clock == Clock::wall)
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now().time_since_epoch()).count();
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return 1e3 * static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_nsec);
}

double ms_of(const std::function<void()>& call, Clock clock) {
  const double start = now_ms(clock);
  call();
  return now_ms(clock) - start;
}

}  // namespace

results::Latency summarize(std::vector<double> ms) {
  std::sort(ms.begin(), ms.end());
  return {.median_ms = ms[ms.size() / 2], .p90_ms = ms[ms.size() * 9 / 10], .min_ms = ms.front()};
}

std::vector<results::Latency> time_in_turns(const std::vector<std::function<void()>>& calls, int warm_ups, int repeats,
                                            Clock clock) {
  std::vector<std::vector<double>> ms(calls.size());
  for (int round = 0; round < warm_ups + repeats; ++round)
    for (std::size_t i = 0; i < calls.size(); ++i) {
      const double one = ms_of(calls[i], clock);
      if (round >= warm_ups) ms[i].push_back(one);
    }
  std::vector<results::Latency> latencies;
  latencies.reserve(ms.size());
  for (std::vector<double>& one : ms) latencies.push_back(summarize(std::move(one)));
  return latencies;
}

}  // namespace pocketstyle::bench
