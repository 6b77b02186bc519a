// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/torch.h>

#include <array>
#include <memory>

namespace pocketstyle::nn {

/// What a 3x3 convolution sees beyond the edge of x: its pixels mirrored at the outermost one, so that the output has
/// the size of x; or nothing, so that it is two pixels smaller.
enum class WinogradBorder { mirror, none };

/// A 3x3 convolution of stride 1 by Winograd's method F(4x4, 3x3): a quarter of the products of the direct way, the
/// same result up to rounding (some 1e-6 of its range). Channels-last float32 on the CPU, without autograd.
///
/// The kernels are transformed at the first use of each direction, once for all copies, and take four times the memory
/// of `weight`.
class WinogradConv {
 public:
  /// `weight`: float32 [O, I, 3, 3]. It must not change.
  explicit WinogradConv(torch::Tensor weight);

  /// Whether it can be used for x [N, I, H, W], and is faster there than LibTorch. A fixed rule of shapes and of the
  /// vector unit that LibTorch uses (AVX2 or better): a resumed run computes as it began.
  [[nodiscard]] bool takes(const torch::Tensor& x, WinogradBorder border) const;

  /// conv2d(x, weight) + bias, which may be undefined, then ReLU if asked.
  [[nodiscard]] torch::Tensor forward(const torch::Tensor& x, const torch::Tensor& bias, bool relu,
                                      WinogradBorder border) const;

  /// The gradient of an x of those sizes, from that of forward()'s result. If there was a ReLU, `outputs` is the result
  /// itself; else undefined.
  [[nodiscard]] torch::Tensor input_gradient(const torch::Tensor& gradient, const torch::Tensor& outputs,
                                             torch::IntArrayRef x_sizes, WinogradBorder border) const;

 private:
  enum Direction { kForward, kInputGradient };
  struct Packed;
  [[nodiscard]] const float* packed(Direction direction, std::int64_t panel) const;

  torch::Tensor weight_;
  std::shared_ptr<std::array<Packed, 2>> packed_;
};

}  // namespace pocketstyle::nn
