// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/export/export.h"
#include "pocketstyle/export/runtime.h"
#include "pocketstyle/nn/style_net.h"

#include <span>
#include <utility>
#include <vector>

namespace pocketstyle::exporting {

/// A picture for the comparison, and the network's output for it in double precision: float32 [1, 3, H, W], 0..1.
struct ParityCase {
  torch::Tensor picture, expected;
};

/// Three different pictures at each size. (Some faults of graph executors only show from the second call on, or at a
/// second size.) Values are multiples of 1/255, as in
/// photos.
using Sizes = std::vector<std::pair<std::int64_t, std::int64_t>>;  ///< height, width
std::vector<ParityCase> make_cases(const nn::StyleNet& net, const Sizes& sizes);

/// Square, one pixel larger and smaller, odd, oblong; as far as sides divisible by `multiple` can be.
Sizes usual_sizes(std::int64_t multiple);

/// Runs all cases and summarises them by size. A difference that is not a number, or a wrong shape, counts as infinite.
std::vector<Parity> measure_parity(const Runtime& runtime, std::span<const ParityCase> cases);

/// The network itself, in float32, in the form of a runtime.
Runner runner_of(nn::StyleNet net);

/// 10 log10(1 / mean squared difference) for values 0..1; infinite if the two are equal.
double psnr_db(double mean_squared_difference);

}  // namespace pocketstyle::exporting
