// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/torch.h>

namespace pocketstyle::loss {

/// Gram matrix of each picture's features, divided by C*H*W (Johnson et al. 2016, eq. 3).
/// `features`: float [N, C, H, W]. Returns [N, C, C], differentiable. Throws c10::Error if not 4-D.
torch::Tensor gram_matrix(const torch::Tensor& features);

/// Mean squared difference to a style Gram [1, C, C], over all pictures and entries. `gram`: [N, C, C].
torch::Tensor gram_mse(const torch::Tensor& gram, const torch::Tensor& style_gram);

/// Sum of squared differences of horizontal and vertical neighbours, divided by N. `pictures`: [N, 3, H, W].
torch::Tensor total_variation(const torch::Tensor& pictures);

}  // namespace pocketstyle::loss
