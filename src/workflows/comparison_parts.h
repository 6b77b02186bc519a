// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/config/config.h"
#include "pocketstyle/evaluate/evaluate.h"
#include "pocketstyle/report/comparison.h"

#include <cstdint>
#include <filesystem>
#include <vector>

namespace pocketstyle::workflows {

/// Describes the subjects (workflows/subjects.h) from their files; of several files the first is shown and timed.
/// Networks in the same order. Throws what describe_file throws, and DataError if a file is not a style network.
std::vector<report::Network> describe_subjects(const std::vector<evaluate::Subject>& subjects);

/// Exports every network to `folder` (TorchScript, for the CPU) unless it is already in a runtime's format; returns the
/// files in the same order, and sets the sizes in `networks`.
std::vector<std::filesystem::path> export_subjects(const std::vector<evaluate::Subject>& subjects,
                                                   const std::filesystem::path& folder,
                                                   std::vector<report::Network>& networks);

/// Times the exported files, which take turns: loading, one picture, and a whole process of `stylize`. Temporary files
/// are in `folder`.
void measure_times(const std::vector<std::filesystem::path>& exported, const std::filesystem::path& folder,
                   report::Comparison& comparison);

/// Adds photos and every subject's output for them to the comparison.
void add_pictures(const std::vector<evaluate::Subject>& subjects, const std::filesystem::path& photos,
                  std::int64_t count, const std::filesystem::path& folder, report::Comparison& comparison);

/// Adds the evaluations, one per network, and that of the photos themselves to the comparison.
void add_scores(const std::vector<evaluate::Evaluation>& evaluations, const evaluate::Evaluation& photos,
                report::Comparison& comparison);

}  // namespace pocketstyle::workflows
