// SPDX-License-Identifier: Apache-2.0
#pragma once
// Pictures of networks and of the files exported from them, compared.

#include "support/catch.h"

#include "pocketstyle/nn/style_net.h"

#include <torch/torch.h>

namespace pocketstyle::testing {

/// What a file of this network has to give for `x`, [N, 3, H, W], RGB 0..1.
inline torch::Tensor expected(nn::StyleNet net, const torch::Tensor& x) {
  return torch::clamp(net->forward(x * 255) / 255, 0, 1);
}

/// The largest absolute difference between pictures of the same shape, of floats or bytes.
inline double largest(const torch::Tensor& a, const torch::Tensor& b) {
  REQUIRE(a.sizes() == b.sizes());
  return (a.to(torch::kFloat32) - b.to(torch::kFloat32)).abs().max().item<double>();
}

}  // namespace pocketstyle::testing
