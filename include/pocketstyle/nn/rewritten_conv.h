// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/torch.h>

namespace pocketstyle::nn {

// Convolutions rewritten to fill a processor's vector registers. All are exact up to rounding, differentiable, and fall
// back to LibTorch's own operators where the kernels do not apply (other types, other devices).

/// conv2d(x, weight) for few output channels, such as the three of a picture, without padding. x [N, C, H, W], weight
/// [O, C, k, k]; float32 result [N, O, H - k + 1, W - k + 1]. The rows of the kernel become k * O output channels of a
/// 1 x k convolution, whose results are summed, each shifted by its row: the same number of products, but the O of 16
/// vector lanes are no longer mostly idle (32 to 3 channels, 9x9: 4 times faster forward and for the weight gradient).
torch::Tensor conv_to_few(const torch::Tensor& x, const torch::Tensor& weight);

/// conv2d(x, weight [O, C, 3, 3]) without padding, by Winograd's method (nn/winograd.h) where WinogradConv takes it.
/// Only the gradient of the weights is computed directly.
torch::Tensor conv_3x3(const torch::Tensor& x, const torch::Tensor& weight);

/// Nearest-neighbour doubling, reflection padding of 1 and conv2d(.., weight [O, C, 3, 3]) in one: of the nine products
/// per output pixel and channel pair only four differ. x is [N, C, H, W] including a replicated border of 1, the result
/// is [N, O, 2 (H - 2), 2 (W - 2)]. Each of the four output phases is a 2x2 convolution, together 4 O output channels;
/// 2.25 times fewer products.
torch::Tensor conv_of_doubled(const torch::Tensor& x, const torch::Tensor& weight);

}  // namespace pocketstyle::nn
