// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace pocketstyle::results {

/// How long one operation took, over several repeats; in milliseconds.
struct Latency {
  double median_ms = 0, p90_ms = 0, min_ms = 0;
};

/// Cost of one process from start to end.
struct ProcessCost {
  double ms = 0, cpu_ms = 0;    ///< cpu_ms: user and system time over all cores
  std::int64_t peak_bytes = 0;  ///< peak resident memory
};

/// A file on disk.
struct MeasuredFile {
  std::string kind;  ///< "weights", "checkpoint", "torchscript", "lite"
  std::int64_t bytes = 0;
};

}  // namespace pocketstyle::results
