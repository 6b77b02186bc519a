// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/torch.h>

#include <cstdint>

namespace pocketstyle::nn {

enum class PadMode { reflect, replicate };

/// The operations after an instance norm, in one pass over memory.
struct NormPad {
  bool relu = true;
  std::int64_t padding = 0;  ///< on all four sides
  PadMode mode = PadMode::reflect;
  double eps = 1e-5;
  std::int64_t margin = 0;  ///< pixels to skip at each side of the residual
};

/// Instance norm of x [N, C, H, W] with the affine parameters `weight` and `bias` [C], then optional ReLU, then plus
/// `residual` if defined (x's shape plus the margin), then padding: [N, C, H + 2 padding, W + 2 padding], channels-last
/// on the CPU. Differentiable in all four. `residual` and `relu` exclude each other.
///
/// On the CPU, float32 and bfloat16 take two passes over x forward and two backward, with statistics and parameters in
/// float32 and sums in double, in an order that does not depend on the number of threads; other types and devices use
/// LibTorch's own operators. Ulyanov et al. 2016 (instance norm). Throws c10::Error for wrong shapes.
torch::Tensor norm_pad(const torch::Tensor& x, const torch::Tensor& weight, const torch::Tensor& bias,
                       const torch::Tensor& residual, const NormPad& options);

/// The same with LibTorch's operators only, in any layout.
torch::Tensor norm_pad_plain(const torch::Tensor& x, const torch::Tensor& weight, const torch::Tensor& bias,
                             const torch::Tensor& residual, const NormPad& options);

}  // namespace pocketstyle::nn
