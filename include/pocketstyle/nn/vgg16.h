// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/nn/vgg16_layout.h"
#include "pocketstyle/nn/winograd.h"

#include <torch/torch.h>

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace pocketstyle::nn {

/// How the 3x3 convolutions pad feature maps. The published weights were trained with zeros, which no photo has beyond
/// its edges: a picture optimised for the loss then gets a border of coloured dots. With reflection, the edge looks
/// like the rest.
enum class VggBorder { zeros, reflect };

/// How the 3x3 convolutions are computed: by LibTorch; or by Winograd's method wherever WinogradConv takes them and
/// autograd is not involved, which is faster and differs in rounding.
enum class VggMethod { direct, winograd };

/// Frozen VGG-16 up to relu4_3 (Simonyan and Zisserman 2014). Input: float [N, 3, H, W], RGB 0..255, H and W at least
/// 8. Never keeps a gradient for its weights.
class Vgg16 {
 public:
  /// Reads a file in the format above; an empty path means the shipped file, whose hash is checked. Any other file must
  /// state its convention in its metadata. Throws DataError: missing, truncated, wrong hash or shape.
  explicit Vgg16(const std::filesystem::path& weights = {}, torch::Device device = torch::kCPU);

  /// Features at each tap up to and including `last`, bottom to top: [N, 64 | 128 | 256 | 512, H/1.., W/1..].
  [[nodiscard]] std::vector<torch::Tensor> features(const torch::Tensor& rgb255, VggTap last) const;

  /// The same network with convolutions and features in `type`, float32 or bfloat16, and in `layout`.
  [[nodiscard]] Vgg16 to(torch::ScalarType type, torch::MemoryFormat layout = torch::MemoryFormat::ChannelsLast) const;

  /// The same network with other padding; a new one has VggBorder::reflect.
  [[nodiscard]] Vgg16 with(VggBorder border) const;

  /// The same network with another method; a new one has VggMethod::direct.
  [[nodiscard]] Vgg16 with(VggMethod method) const;

  [[nodiscard]] const std::string& sha256() const { return sha256_; }
  [[nodiscard]] torch::Device device() const { return mean_.device(); }

 private:
  friend class VggPass;
  [[nodiscard]] torch::Tensor first_input(const torch::Tensor& rgb255) const;
  [[nodiscard]] torch::Tensor convolve(std::size_t layer, const torch::Tensor& x) const;
  [[nodiscard]] bool by_winograd(std::size_t layer, const torch::Tensor& x) const;

  std::vector<torch::Tensor> weights_, biases_;
  std::vector<torch::Tensor>
      rotated_;  ///< the kernels rotated by 180 degrees, input and output channels swapped: they convolve a gradient
  std::vector<WinogradConv> winograd_;  ///< one each, or none
  torch::Tensor mean_;
  VggBorder border_ = VggBorder::reflect;
  torch::MemoryFormat layout_ = torch::MemoryFormat::ChannelsLast;
  std::string sha256_;
};

/// One forward and backward pass through the network, on the CPU, without autograd: keeps and computes only what the
/// gradient of the picture needs, and adds each tap's gradient in place.
class VggPass {
 public:
  /// Runs the forward pass up to relu4_3. The network must outlive the pass.
  VggPass(const Vgg16& vgg, const torch::Tensor& rgb255);

  /// [N, C, H, W], channels-last, of the network's type.
  [[nodiscard]] const torch::Tensor& feature(VggTap tap) const;

  /// The gradient of the picture, float32 [N, 3, H, W]. Calls `add`(tap, gradient) for each tap from the top; it must
  /// add the gradient of that tap's feature to `gradient`, which has the feature's shape, type and layout and holds the
  /// gradient from the layers above. Call once only: the features are freed on the way.
  torch::Tensor backward(const std::function<void(VggTap tap, torch::Tensor& gradient)>& add);

 private:
  const Vgg16& vgg_;
  std::vector<torch::Tensor> activations_, pooled_;  ///< after ReLU; and after pooling, where there is any
};

}  // namespace pocketstyle::nn
