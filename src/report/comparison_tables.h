// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "report/grid.h"

#include "pocketstyle/report/comparison.h"

#include <optional>

namespace pocketstyle::report {

// The tables of a comparison. "-" means not measured.

Grid summary_grid(const Comparison& comparison);
/// In the form of the paper's Table 2: kernel parameters in the paper's rows.
Grid parameter_grid(const Comparison& comparison);
/// Bytes: computed for weights and checkpoints, measured for files; the paper's as printed.
Grid size_grid(const Comparison& comparison);
/// In the form of the paper's Table 3.
Grid speed_grid(const Comparison& comparison);
/// In the form of the paper's Table 4.
Grid process_grid(const Comparison& comparison);
/// In the form of the paper's Figure 4: photos, original, compressed; one row per metric.
Grid score_grid(const Comparison& comparison);
Grid difference_grid(const Comparison& comparison);

/// C_r of files, and S_r, if both were measured.
std::optional<double> file_ratio(const Network& baseline, const Network& network);
std::optional<double> speed_up(const Network& baseline, const Network& network);
double parameter_ratio(const Network& baseline, const Network& network);
const Score* score_of(const Network& network, const std::string& metric);
/// The difference in the headline metric.
std::optional<results::Interval> loss_difference(const Network& network);

}  // namespace pocketstyle::report
