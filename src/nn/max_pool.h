// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/torch.h>

namespace pocketstyle::nn {

/// The maximum over 2x2 pixels, [N, C, H/2, W/2] rounded down, of a channels-last float32 or bfloat16 x on the CPU.
torch::Tensor max_pool(const torch::Tensor& x);

/// The gradient of x, from that of `pooled` = max_pool(x). No indices are stored: the maximum is searched for again.
torch::Tensor max_pool_backward(const torch::Tensor& x, const torch::Tensor& pooled, const torch::Tensor& gradient);

}  // namespace pocketstyle::nn
