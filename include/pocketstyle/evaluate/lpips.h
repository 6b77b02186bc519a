// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/torch.h>

#include <filesystem>
#include <vector>

namespace pocketstyle::evaluate {

/// Learned perceptual image patch similarity (Zhang et al. 2018), version 0.1 with VGG-16: exactly what the `lpips`
/// package computes, since all of its weights come from the file.
class Lpips {
 public:
  /// Reads the state dict of lpips.LPIPS(net='vgg') as safetensors: VGG-16's 13 convolutions
  /// "net.slice<n>.<i>.weight" and ".bias", and the linear layers "lin<n>.model.1.weight" [1, C, 1, 1]. The linear
  /// layers alone are refused: they were trained with that VGG-16, up to relu5_3, and ours is another one that ends at
  /// relu4_3. Throws DataError: unreadable, a tensor is missing or has the wrong shape.
  explicit Lpips(const std::filesystem::path& path);

  /// 0 for equal pictures. Both float [1, 3, H, W], RGB 0..255, of the same size, with sides of at least 16.
  [[nodiscard]] double distance(const torch::Tensor& a, const torch::Tensor& b) const;

 private:
  /// Of unit length at each position; five taps, bottom to top.
  [[nodiscard]] std::vector<torch::Tensor> features(const torch::Tensor& picture_nchw255) const;

  std::vector<std::vector<torch::Tensor>> weights_, biases_;  ///< of each tap's convolutions
  std::vector<torch::Tensor> linear_;                         ///< [1, C, 1, 1]
};

}  // namespace pocketstyle::evaluate
