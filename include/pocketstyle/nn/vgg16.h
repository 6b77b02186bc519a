// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/torch.h>

#include <array>
#include <filesystem>
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

  [[nodiscard]] const std::string& sha256() const { return sha256_; }

 private:
  std::vector<torch::Tensor> weights_, biases_;
  torch::Tensor mean_;
  std::string sha256_;
};

}  // namespace pocketstyle::nn
