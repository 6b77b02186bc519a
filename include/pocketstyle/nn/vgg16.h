// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/nn/vgg16_layout.h"

#include <torch/torch.h>

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace pocketstyle::nn {

/// What the 3x3 convolutions see beyond the edge of a feature map. The published weights were trained with zeros, which
/// no photo has there: a picture whose loss is minimised then gets a border of coloured dots. Mirrored at the outermost
/// pixel, the edge looks like the rest.
enum class VggBorder { zeros, reflect };

/// Frozen VGG-16 up to relu4_3 (Simonyan and Zisserman 2014). Input: float [N, 3, H, W], RGB 0..255, H and W of 8 or
/// more. No gradient is ever kept for its weights.
class Vgg16 {
 public:
  /// Reads a file of the convention above; an empty path means the shipped file, whose hash is then checked.
  /// Another file must say its convention in its metadata. Throws DataError: missing, truncated, wrong hash or shape.
  explicit Vgg16(const std::filesystem::path& weights = {}, torch::Device device = torch::kCPU);

  /// Features at each tap up to and including `last`, bottom to top: [N, 64 | 128 | 256 | 512, H/1.., W/1..].
  [[nodiscard]] std::vector<torch::Tensor> features(const torch::Tensor& rgb255, VggTap last) const;

  /// The same network that convolves in `type`, float32 or bfloat16, and gives features of it, in `layout`.
  [[nodiscard]] Vgg16 to(torch::ScalarType type, torch::MemoryFormat layout = torch::MemoryFormat::ChannelsLast) const;

  /// The same network with another border; that of a new one is VggBorder::reflect.
  [[nodiscard]] Vgg16 with(VggBorder border) const;

  [[nodiscard]] const std::string& sha256() const { return sha256_; }
  [[nodiscard]] torch::Device device() const { return mean_.device(); }

 private:
  friend class VggPass;
  [[nodiscard]] torch::Tensor first_input(const torch::Tensor& rgb255) const;
  [[nodiscard]] torch::Tensor convolve(std::size_t layer, const torch::Tensor& x) const;

  std::vector<torch::Tensor> weights_, biases_;
  std::vector<torch::Tensor>
      rotated_;  ///< the kernels rotated by 180 degrees, input and output channels swapped: they convolve a gradient
  torch::Tensor mean_;
  VggBorder border_ = VggBorder::reflect;
  torch::MemoryFormat layout_ = torch::MemoryFormat::ChannelsLast;
  std::string sha256_;
};

/// One way up through the network and back down, on the CPU, without autograd: only what the gradient of the picture
/// needs is kept and computed, and a tap's gradient joins in place.
class VggPass {
 public:
  /// Runs up to relu4_3. The network must outlive the pass.
  VggPass(const Vgg16& vgg, const torch::Tensor& rgb255);

  /// [N, C, H, W], channels-last, of the network's type.
  [[nodiscard]] const torch::Tensor& feature(VggTap tap) const;

  /// The gradient of the picture, float32 [N, 3, H, W]. `add`(tap, gradient) is called for each tap from the top; it
  /// adds the gradient of that tap's feature to `gradient`, which has the feature's shape, type and layout and holds
  /// what came from above. Once only: the features are given up on the way.
  torch::Tensor backward(const std::function<void(VggTap tap, torch::Tensor& gradient)>& add);

 private:
  const Vgg16& vgg_;
  std::vector<torch::Tensor> activations_, pooled_;  ///< after ReLU; and halved, where it is
};

}  // namespace pocketstyle::nn
