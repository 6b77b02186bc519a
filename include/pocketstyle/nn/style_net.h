// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/config/architecture.h"
#include "pocketstyle/nn/norm_pad.h"

#include <torch/torch.h>

#include <string>
#include <vector>

namespace pocketstyle::nn {

/// A convolution of pictures that are padded already. Parameters: conv2d.weight [out, in, k, k], conv2d.bias if any.
struct ConvLayerImpl : torch::nn::Module {
  ConvLayerImpl(std::int64_t in, std::int64_t out, std::int64_t kernel, std::int64_t stride, bool bias);
  /// In x's type, whichever the parameters have.
  torch::Tensor forward(const torch::Tensor& padded_x) const;
  torch::nn::Conv2d conv2d{nullptr};
  std::int64_t padding;  ///< that forward() expects on each side: kernel/2
};
TORCH_MODULE(ConvLayer);

/// x + branch(x), no ReLU after the sum. Residual: two 3x3 (conv1, in1, conv2, in2). Bottleneck: 1x1 to `mid`, 3x3,
/// 1x1 back (conv1, in1, ... conv3, in3). The last instance norm's weight starts at zero, so a block starts as
/// identity.
struct ResidualBlockImpl : torch::nn::Module {
  ResidualBlockImpl(config::BlockKind kind, std::int64_t width, std::int64_t mid);
  /// x has the first convolution's padding around it, the result `padding` of kind `mode`.
  torch::Tensor forward(const torch::Tensor& padded_x, std::int64_t padding = 0, PadMode mode = PadMode::reflect);
  std::vector<ConvLayer> convs;
  std::vector<torch::nn::InstanceNorm2d> norms;
};
TORCH_MODULE(ResidualBlock);

/// The style network. float [N, 3, H, W], RGB 0..255 in and out (out is not clamped), H and W of
/// architecture.min_side() or more, output size equal to input size for every size. Inside: x/255 - 0.45, and y*150 +
/// 127.5 at the end. Runs channels-last, with one pass for norm, ReLU and padding, and convolutions rewritten for speed
/// (nn/rewritten_conv.h); every rewrite is exact up to rounding.
/// Sub-modules are named as in the well-known PyTorch example: conv1 in1 conv2 in2 conv3 in3 res1..resN deconv1 in4
/// deconv2 in5 deconv3. Throws c10::Error for a wrong shape, UsageError for a architecture out of range.
struct StyleNetImpl : torch::nn::Module {
  explicit StyleNetImpl(const config::Architecture& architecture);
  torch::Tensor forward(const torch::Tensor& x_nchw255);
  config::Architecture architecture;
  /// What forward() convolves in, and keeps for the gradient: float32 (or whatever type the parameters have), or
  /// bfloat16, with norms' statistics, sums and parameters still in float32. The result is float32 either way.
  torch::ScalarType compute_type = torch::kFloat32;
  ConvLayer conv1{nullptr}, conv2{nullptr}, conv3{nullptr}, deconv1{nullptr}, deconv2{nullptr}, deconv3{nullptr};
  torch::nn::InstanceNorm2d in1{nullptr}, in2{nullptr}, in3{nullptr}, in4{nullptr}, in5{nullptr};
  std::vector<ResidualBlock> blocks;
};
TORCH_MODULE(StyleNet);

constexpr double kInputScale = 1.0 / 255.0, kInputShift = -0.45, kOutputScale = 150.0, kOutputShift = 127.5;

}  // namespace pocketstyle::nn
