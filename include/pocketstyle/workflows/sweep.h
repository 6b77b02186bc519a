// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/workflows/spread.h"
#include "pocketstyle/workflows/variants.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace pocketstyle::workflows {

/// Every combination of values, the last key's changing fastest, each with every seed. `vary`:
/// "section.key=value,value" for each key; commas inside brackets do not separate values. `seeds` may be empty. Throws
/// UsageError.
std::vector<Variant> sweep_variants(const std::vector<std::string>& vary, const std::vector<int>& seeds);

/// One row of a sweep's table.
struct SweepRow {
  std::string label;
  std::int64_t parameters = 0, macs = 0;
  Spread loss;                          ///< validation loss over the seeds
  std::optional<Spread> against_first;  ///< in percent of the first row's loss; empty in the first row
  bool on_front = false;                ///< on the Pareto front of loss and multiply-accumulates
};
struct SweepTable {
  std::vector<SweepRow> rows;
  bool costs_differ = false;  ///< rows differ in multiply-accumulates, so the front is meaningful
};
SweepTable sweep_table(const std::vector<VariantResult>& results);

}  // namespace pocketstyle::workflows
