// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/torch.h>

namespace pocketstyle::loss {

/// Gram matrix of each picture's features, divided by C*H*W (Johnson et al. 2016, eq. 3).
/// `features`: float [N, C, H, W]. Returns [N, C, C], differentiable. Throws c10::Error if not 4-D.
torch::Tensor gram_matrix(const torch::Tensor& features);

/// Mean squared difference from a style Gram [1, C, C], over all pictures and entries. `gram`: [N, C, C].
torch::Tensor gram_mse(const torch::Tensor& gram, const torch::Tensor& style_gram);

/// Sum of squared differences of horizontal and vertical neighbours, divided by N. `pictures`: [N, 3, H, W].
torch::Tensor total_variation(const torch::Tensor& pictures);

/// The strength of grids with a period of 2 or 4 pixels, which upsampling leaves: in windows of 32 pixels, the mean of
/// each of the 4x4 positions in a cell of 4x4 pixels, without what rows and columns of the cell explain, as edges and
/// slopes do; mean square in levels^2. `pictures`: [N, C, H, W], sides of 4 pixels or more, not all of which count if
/// they are no multiples of 4.
torch::Tensor grid_pattern(const torch::Tensor& pictures);

}  // namespace pocketstyle::loss
