// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/export/export.h"

#include <torch/torch.h>

#include <functional>
#include <string>
#include <vector>

namespace pocketstyle::exporting {

/// Something that runs the network: float [1, 3, H, W] RGB 0..1 to the same, clamped.
using Runner = std::function<torch::Tensor(const torch::Tensor&)>;

/// The trained network as a Runner. It is shared, not copied.
Runner eager_runner(const nn::StyleNet& net);

/// Compares `runner` with `reference` at three sizes (square, odd, oblong), three different pictures each: some
/// faults of graph executors only show from the second call on, or at a second size. A difference that is not a number,
/// or another shape, counts as infinite.
std::vector<Parity> measure_parity(const std::string& runtime, const Runner& runner, const Runner& reference);

}  // namespace pocketstyle::exporting
