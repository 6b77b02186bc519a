// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace pocketstyle::bench {

/// What one process took, from its start to its end.
struct ProcessTime {
  double ms = 0, cpu_ms = 0;    ///< cpu_ms: user and system, on all cores together
  std::int64_t peak_bytes = 0;  ///< the most that was resident
};

/// Runs this program again, in a process of its own, with `arguments`, and waits for it. What it prints goes to the
/// file `output`. Throws RuntimeFailure if it cannot be started or does not end with code 0, with its last line.
ProcessTime time_process(const std::vector<std::string>& arguments, const std::filesystem::path& output);

}  // namespace pocketstyle::bench
