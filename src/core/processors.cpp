// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/core/processors.h"

#include "pocketstyle/core/control_groups.h"

#include <sched.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <fstream>
#include <thread>
#include <vector>

namespace pocketstyle {
namespace fs = std::filesystem;
namespace {

/// The limit of one group alone.
std::optional<double> limit_of(const ControlGroup& group) {
  double quota = 0, period = 0;  // "max" and negative numbers mean no quota
  if (group.is_v2) {
    std::ifstream(group.folder / "cpu.max") >> quota >> period;
  } else {
    std::ifstream(group.folder / "cpu.cfs_quota_us") >> quota;
    std::ifstream(group.folder / "cpu.cfs_period_us") >> period;
  }
  return quota > 0 && period > 0 ? std::optional(quota / period) : std::nullopt;
}

int processors_to_run_on() {
  constexpr std::size_t kMost = 1 << 16;
  for (std::size_t count = CPU_SETSIZE; count <= kMost; count *= 2) {
    std::vector<cpu_set_t> set(count / CPU_SETSIZE);
    const std::size_t bytes = set.size() * sizeof(cpu_set_t);
    if (::sched_getaffinity(0, bytes, set.data()) == 0) return CPU_COUNT_S(bytes, set.data());
    if (errno != EINVAL) break;  // more processors than the set has room for
  }
  return static_cast<int>(std::thread::hardware_concurrency());
}

}  // namespace

std::optional<double> processor_quota(const fs::path& root) {
  std::optional<double> least;
  for (const ControlGroup& group : control_groups("cpu", root))
    if (const auto limit = limit_of(group)) least = std::min(*limit, least.value_or(*limit));
  return least;
}

int usable_processors() {
  static const int count = [] {
    const int processors = std::max(1, processors_to_run_on());
    const auto quota = processor_quota();
    return quota ? std::clamp(static_cast<int>(std::ceil(*quota)), 1, processors) : processors;
  }();
  return count;
}

}  // namespace pocketstyle
