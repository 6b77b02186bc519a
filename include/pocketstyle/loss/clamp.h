// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/torch.h>

namespace pocketstyle::loss {

/// The gradient of the loss with respect to a network's output [N, 3, H, W] (RGB, unbounded), from that with respect to
/// the picture as it is saved, which is the output clamped to 0..255. It passes through the clamp (a straight-through
/// estimator, Bengio et al. 2013), but where the output is outside 0..255 and gradient descent would move it further
/// out it is zero: nothing in the picture would change, and nothing in the loss brings such levels back.
torch::Tensor gradient_through_clamp(const torch::Tensor& gradient, const torch::Tensor& output_nchw255);

}  // namespace pocketstyle::loss
