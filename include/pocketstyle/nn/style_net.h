// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/config/architecture.h"
#include "pocketstyle/network/layers.h"
#include "pocketstyle/nn/winograd.h"

#include <torch/torch.h>

#include <mutex>
#include <optional>
#include <vector>

namespace pocketstyle::nn {

/// A layer's convolution, for input that is already padded. Parameters: conv2d.weight [out, in / groups, k, k], and
/// conv2d.bias if it has a bias.
struct ConvLayerImpl : torch::nn::Module {
  explicit ConvLayerImpl(const network::Layer& layer);
  /// Computes in x's type, whatever type the parameters have.
  torch::Tensor forward(const torch::Tensor& padded_x) const;
  torch::nn::Conv2d conv2d{nullptr};
  std::int64_t padding;  ///< padding that forward() expects on each side
  bool winograd = true;  ///< whether 3x3 convolutions in float32 may use Winograd's method (nn/winograd.h)

 private:
  /// With the current weights, which are transformed once.
  WinogradConv frozen() const;
  mutable std::mutex frozen_mutex_;
  mutable std::optional<WinogradConv> frozen_;
  mutable std::pair<const void*, std::uint32_t> frozen_weights_{};  ///< address and version
};
TORCH_MODULE(ConvLayer);

/// The style network: the layers of network/layers.h. Input and output: float [N, 3, H, W], RGB 0..255 (output not
/// clamped), H and W at least network::min_side; the output has the size of the input for every size. Inside, the input
/// is scaled as x/255 - 0.45 and the output as y*150 + 127.5. Runs channels-last, with one pass for norm, ReLU and
/// padding, and convolutions rewritten for speed (nn/rewritten_conv.h); every rewrite is exact up to rounding. The
/// weight of each residual block's last instance norm starts at zero, so a block starts as the identity. Parameters are
/// named and ordered as the layers. Throws c10::Error for a wrong shape, UsageError for an architecture out of range.
struct StyleNetImpl : torch::nn::Module {
  explicit StyleNetImpl(const config::Architecture& architecture);
  torch::Tensor forward(const torch::Tensor& x_nchw255);
  /// What the output layer reads in forward(): [N, C, H, W] at the size of its input, with a border of its padding().
  /// If it doubles pictures of odd sizes, there is no border.
  torch::Tensor output_features(const torch::Tensor& x_nchw255);
  config::Architecture architecture;
  /// The type in which forward() runs convolutions and keeps activations for the gradient: float32 (or the parameters'
  /// type), or bfloat16, with norm statistics, sums and parameters still in float32. The result is float32 either way.
  torch::ScalarType compute_type = torch::kFloat32;
  std::vector<network::Layer> layers;
  std::vector<ConvLayer> convs;                  ///< one per layer
  std::vector<torch::nn::InstanceNorm2d> norms;  ///< one per layer except the output layer
};
TORCH_MODULE(StyleNet);

constexpr double kInputScale = 1.0 / 255.0, kInputShift = -0.45, kOutputScale = 150.0, kOutputShift = 127.5;

}  // namespace pocketstyle::nn
