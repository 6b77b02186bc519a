// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/config/config.h"
#include "pocketstyle/evaluate/evaluate.h"
#include "pocketstyle/report/comparison.h"

#include <cstdint>
#include <filesystem>
#include <vector>

namespace pocketstyle::workflows {

/// What the subjects' files (workflows/subjects.h; of several, the first is shown and timed) say of themselves:
/// networks in the same order. Throws what describe_file throws, DataError for what is no style network.
std::vector<report::Network> describe_subjects(const std::vector<evaluate::Subject>& subjects);

/// Exports every network to `folder` (TorchScript, for the CPU) unless it is a runtime's file already; the files in
/// the same order, and with `networks` their sizes.
std::vector<std::filesystem::path> export_subjects(const std::vector<evaluate::Subject>& subjects,
                                                   const std::filesystem::path& folder,
                                                   std::vector<report::Network>& networks);

/// Puts the times of the exported files into the comparison, all in turn: loading, one picture, and a whole process of
/// `stylize`. Temporary files are in `folder`.
void measure_times(const std::vector<std::filesystem::path>& exported, const std::filesystem::path& folder,
                   report::Comparison& comparison);

/// Puts photos, and what every subject makes of them, into the comparison.
void add_pictures(const std::vector<evaluate::Subject>& subjects, const std::filesystem::path& photos,
                  std::int64_t count, const std::filesystem::path& folder, report::Comparison& comparison);

/// Puts the evaluations, one a network, and that of the photos themselves into the comparison.
void add_scores(const std::vector<evaluate::Evaluation>& evaluations, const evaluate::Evaluation& photos,
                report::Comparison& comparison);

}  // namespace pocketstyle::workflows
