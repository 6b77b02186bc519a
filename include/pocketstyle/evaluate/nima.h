// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/torch.h>

#include <filesystem>
#include <functional>
#include <string>

namespace pocketstyle::evaluate {

/// Neural image assessment (Talebi and Milanfar 2018): a network that predicts how people would rate a picture, 1 to
/// 10.
class Nima {
 public:
  struct Score {
    double mean = 0, spread = 0;  ///< of the ten-bin distribution; spread is its standard deviation
  };

  /// Loads an .onnx file (run by OpenCV), or else TorchScript: [1, 3, 224, 224] RGB, normalised with ImageNet's mean
  /// and deviation, to ten numbers, the probabilities of 1 to 10 or their logits. Throws DataError: missing, not
  /// readable.
  explicit Nima(const std::filesystem::path& path);

  /// Throws DataError if the network's result is not ten numbers or it cannot run.
  [[nodiscard]] Score score(const torch::Tensor& picture_nchw255) const;

 private:
  std::string where_;
  std::function<torch::Tensor(const torch::Tensor&)> run_;
};

}  // namespace pocketstyle::evaluate
