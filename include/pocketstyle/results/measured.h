// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace pocketstyle::results {

/// How long one thing took, over repeats; in milliseconds.
struct Latency {
  double median_ms = 0, p90_ms = 0, min_ms = 0;
};

/// What one process took, from its start to its end.
struct ProcessCost {
  double ms = 0, cpu_ms = 0;    ///< cpu_ms: user and system, on all cores together
  std::int64_t peak_bytes = 0;  ///< the most that was resident
};

/// A file as it lies on the disk.
struct MeasuredFile {
  std::string kind;  ///< "weights", "checkpoint", "torchscript", "lite"
  std::int64_t bytes = 0;
};

}  // namespace pocketstyle::results
