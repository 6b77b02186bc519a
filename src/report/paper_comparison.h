// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "report/grid.h"

#include <cstdint>
#include <string>
#include <vector>

namespace pocketstyle::report {

/// The paper's tables beside the values that this program computes for the presets original and bottleneck.
struct PaperComparison {
  Grid shares;      ///< Table 1: one row per layer
  Grid parameters;  ///< Table 2: one row per layer, then the printed and the computed total
  Grid timings;     ///< Table 3
  Grid phones;      ///< Table 4, printed only
  std::int64_t rows_before = 0, rows_after = 0;          ///< sums of the printed rows
  std::int64_t computed_before = 0, computed_after = 0;  ///< sums of ours
  std::vector<std::string> findings;                     ///< inconsistencies, in words
};

PaperComparison compare_with_paper();

}  // namespace pocketstyle::report
