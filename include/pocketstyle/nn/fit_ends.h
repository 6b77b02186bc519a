// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/nn/style_net.h"

namespace pocketstyle::nn {

/// Whether fit_ends() takes these networks: `from` has layers at full size, `into` has none, and both have the same
/// number of channels at half size.
bool can_fit_ends(const StyleNet& from, const StyleNet& into);

/// Completes copy_or_prune() from a network with layers at full size to one without: the first and the last convolution
/// of `into` are the linear least-squares fit, over the pixels of `photos_nchw255` (float [N, 3, H, W], RGB 0..255,
/// sides multiples of 4), of what `from` computes in two layers each: its features at half size after instance norm,
/// and its picture. Throws std::logic_error unless can_fit_ends().
void fit_ends(const StyleNet& from, StyleNet& into, const torch::Tensor& photos_nchw255);

}  // namespace pocketstyle::nn
