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
  std::filesystem::path config{};          ///< style, loss and photos; empty: of the first run folder
  std::vector<std::string> overrides{};    ///< of its keys
  std::filesystem::path nima{};            ///< a network for evaluate::Options; empty: none
  std::int64_t height = 256, width = 256;  ///< of the picture that is timed
  std::int64_t photos = 4;                 ///< that are shown
  int threads = 0;                         ///< of what is timed; 0: one a core
};

/// Measures two or more networks, the first the measure of the others: sizes, times, pictures and every metric of
/// `evaluate`. The log says what is being done. Throws UsageError (fewer than two, no configuration), and what
/// describe_file(), export_net() and evaluate() throw.
report::Comparison compare(const CompareOptions& options, const std::vector<evaluate::Subject>& subjects);

}  // namespace pocketstyle::workflows
