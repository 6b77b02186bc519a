// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/torch.h>

#include <array>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace pocketstyle::nn {

/// The taps of the loss, after ReLU, bottom to top.
enum class VggTap { relu1_2, relu2_2, relu3_3, relu4_3 };
inline constexpr std::array<std::string_view, 4> kVggTapNames = {"relu1_2", "relu2_2", "relu3_3", "relu4_3"};

/// Indices of the ten convolutions conv1_1..conv4_3 in torchvision's `features`; their tensors in a weights file are
/// "features.<i>.weight" [out, in, 3, 3] and "features.<i>.bias" [out].
inline constexpr std::array<int, 10> kVggConvIndices = {0, 2, 5, 7, 10, 12, 14, 17, 19, 21};
/// Output channels of those convolutions.
inline constexpr std::array<std::int64_t, 10> kVggConvWidths = {64, 64, 128, 128, 256, 256, 256, 512, 512, 512};
/// Mean subtracted from RGB 0..255 by the shipped weights.
inline constexpr std::array<double, 3> kVggMeanRgb = {123.68, 116.779, 103.939};
/// SHA-256 of the shipped weights.
inline constexpr std::string_view kVggSha256 = "251c0ab1dba5e77d5afbf344148afcf3a575b84a0f15eab104521df79a487d60";

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

  [[nodiscard]] const std::string& sha256() const { return sha256_; }

 private:
  friend class VggPass;
  [[nodiscard]] torch::Tensor first_input(const torch::Tensor& rgb255) const;
  [[nodiscard]] torch::Tensor convolve(std::size_t layer, const torch::Tensor& x) const;

  std::vector<torch::Tensor> weights_, biases_;
  std::vector<torch::Tensor>
      rotated_;  ///< the kernels rotated by 180 degrees, input and output channels swapped: they convolve a gradient
  torch::Tensor mean_;
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
