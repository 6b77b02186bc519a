// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/export/export.h"
#include "pocketstyle/export/runtime.h"
#include "pocketstyle/nn/style_net.h"

#include <span>
#include <utility>
#include <vector>

namespace pocketstyle::exporting {

/// A picture to compare on, and what the network makes of it in double precision: float32 [1, 3, H, W], 0..1.
struct ParityCase {
  torch::Tensor picture, expected;
};

/// Three different pictures at each of five sizes: square, one pixel more and less, odd, oblong. (Some faults of graph
/// executors only show from the second call on, or at a second size.) Values are multiples of 1/255, as photos' are.
/// With `only`, at that size alone.
std::vector<ParityCase> make_cases(const nn::StyleNet& net, std::optional<std::pair<std::int64_t, std::int64_t>> only);

/// Runs all cases, and sums them up size by size. A difference that is not a number, or another shape, counts as
/// infinite.
std::vector<Parity> measure_parity(const Runtime& runtime, std::span<const ParityCase> cases);

/// The network itself, in float32, as a runtime's.
Runner runner_of(nn::StyleNet net);

/// 10 log10(1 / mean squared difference), values 0..1; infinite if the two are equal.
double psnr_db(double mean_squared_difference);

}  // namespace pocketstyle::exporting
