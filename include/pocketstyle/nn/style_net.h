// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/config/architecture.h"
#include "pocketstyle/network/layers.h"

#include <torch/torch.h>

#include <vector>

namespace pocketstyle::nn {

/// A layer's convolution, of pictures that are padded already. Parameters: conv2d.weight [out, in / groups, k, k],
/// conv2d.bias if any.
struct ConvLayerImpl : torch::nn::Module {
  explicit ConvLayerImpl(const network::Layer& layer);
  /// In x's type, whichever the parameters have.
  torch::Tensor forward(const torch::Tensor& padded_x) const;
  torch::nn::Conv2d conv2d{nullptr};
  std::int64_t padding;  ///< that forward() expects on each side
};
TORCH_MODULE(ConvLayer);

/// The style network: the layers of network/layers.h. float [N, 3, H, W], RGB 0..255 in and out (out is not clamped), H
/// and W of network::min_side or more, output size equal to input size for every size. Inside: x/255 - 0.45, and y*150
/// + 127.5 at the end. Runs channels-last, with one pass for norm, ReLU and padding, and convolutions rewritten for
/// speed (nn/rewritten_conv.h); every rewrite is exact up to rounding. The last instance norm's weight of a residual
/// block starts at zero, so a block starts as identity. Parameters are named and ordered as the layers. Throws
/// c10::Error for a wrong shape, UsageError for an architecture out of range.
struct StyleNetImpl : torch::nn::Module {
  explicit StyleNetImpl(const config::Architecture& architecture);
  torch::Tensor forward(const torch::Tensor& x_nchw255);
  config::Architecture architecture;
  /// What forward() convolves in, and keeps for the gradient: float32 (or whatever type the parameters have), or
  /// bfloat16, with norms' statistics, sums and parameters still in float32. The result is float32 either way.
  torch::ScalarType compute_type = torch::kFloat32;
  std::vector<network::Layer> layers;
  std::vector<ConvLayer> convs;                  ///< one a layer
  std::vector<torch::nn::InstanceNorm2d> norms;  ///< one a layer, but none for the output layer, the last
};
TORCH_MODULE(StyleNet);

constexpr double kInputScale = 1.0 / 255.0, kInputShift = -0.45, kOutputScale = 150.0, kOutputShift = 127.5;

}  // namespace pocketstyle::nn
