// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/config/architecture.h"
#include "pocketstyle/results/measured.h"

#include <cstdint>
#include <optional>
#include <string>

namespace pocketstyle::report {

struct Subject {
  std::string name;  ///< the name that the user gave
  config::Architecture architecture;
  std::optional<results::MeasuredFile> file;  ///< measured; everything else follows from the architecture
  std::optional<results::Latency> latency;    ///< of one picture's forward pass
};

struct Report {
  Subject net, baseline;
  std::int64_t height = 256, width = 256;
  int threads = 0;  ///< for the latencies; 0 if none were measured
};

/// Bytes computed from the parameters alone: float32 weights, and weights with Adam's two moments.
std::int64_t inference_bytes(std::int64_t parameters);
std::int64_t checkpoint_bytes(std::int64_t parameters);

/// The per-layer table, totals, the comparison with the baseline, and the paper's tables: each of its rows beside ours,
/// its printed total beside the sum of its own rows, and any discrepancies. Numbers are computed unless the text says
/// printed (in the paper) or measured (files, times).
std::string to_text(const Report& report);
std::string to_markdown(const Report& report);
std::string to_json(const Report& report);

}  // namespace pocketstyle::report
