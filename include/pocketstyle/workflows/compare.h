// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/evaluate/evaluate.h"
#include "pocketstyle/report/comparison.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace pocketstyle::workflows {

struct CompareOptions {
  std::filesystem::path config{};          ///< gives style, loss and photos; empty: that of the first run folder
  std::vector<std::string> overrides{};    ///< overrides of its keys
  evaluate::Options evaluation{};          ///< metrics that are measured only on request
  std::int64_t height = 256, width = 256;  ///< size of the picture for timing
  std::int64_t photos = 4;                 ///< number of photos shown
  int threads = 0;                         ///< CPU threads for timing; 0: one per core
};

/// Measures two or more networks, the first being the baseline: sizes, times, pictures and every metric of `evaluate`.
/// Logs its progress. Throws UsageError (fewer than two networks, no configuration), and what describe_file(),
/// export_net() and evaluate() throw.
report::Comparison compare(const CompareOptions& options, const std::vector<evaluate::Subject>& subjects);

}  // namespace pocketstyle::workflows
