// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "report/document.h"

#include "pocketstyle/report/comparison.h"

namespace pocketstyle::report {

/// Validation loss against parameters, multiply-accumulates and measured time; empty if there are no losses.
Figures cost_figures(const Comparison& comparison);
/// Losses by training step; empty if no network has a curve.
Figures curve_figures(const Comparison& comparison);

}  // namespace pocketstyle::report
