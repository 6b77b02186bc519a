// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/nn/style_net.h"

namespace pocketstyle::nn {

/// For each channel, the mean of relu(weight * z + bias) squared over z from the standard normal distribution: the
/// energy of an instance norm followed by a ReLU, assuming normally distributed input.
torch::Tensor energy_after_relu(const torch::Tensor& weight, const torch::Tensor& bias);

/// Initialises `into` from `from`: a copy if both have the same architecture, otherwise structured pruning. At each
/// level and in each block the most important channels are kept, in their order. Importance is the energy of a
/// channel after its instance norm and ReLU (energy_after_relu) times the squared L2 norm of the kernels that read it
/// (after Li et al. 2017, who use the kernels that write it, whose scale the following instance norm would cancel
/// here). Larger kernels are cropped to their centre; of more blocks, those whose branch has the largest weight are
/// kept. Blocks of another kind than those of `from` are left unchanged, and so are the layers before the quarter size
/// and after the half size if one of the networks has no layers at full size (fit_ends). Throws UsageError if `into` is
/// wider or deeper than `from`.
void copy_or_prune(const StyleNet& from, StyleNet& into);

}  // namespace pocketstyle::nn
