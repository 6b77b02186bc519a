// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/torch.h>

#include <cstdint>

namespace pocketstyle::stylize {

/// An instance norm with known statistics: x * scale + shift, both float32 [1, C, 1, 1].
struct Affine {
  torch::Tensor scale, shift;
};

/// Mean and sum of squared deviations of each channel, over rows that arrive strip by strip, however they are cut. Two
/// passes over each strip, strips merged in double: Chan, Golub and LeVeque 1983, "Algorithms for computing the sample
/// variance".
class ChannelStatistics {
 public:
  explicit ChannelStatistics(std::int64_t channels);
  /// float32 [1, C, n, W].
  void add(const torch::Tensor& strip);
  void merge(const ChannelStatistics& other);

  [[nodiscard]] const torch::Tensor& mean() const { return mean_; }              ///< float64 [C]
  [[nodiscard]] torch::Tensor variance() const { return deviations_ / count_; }  ///< float64 [C], population variance
  [[nodiscard]] Affine affine(const torch::Tensor& weight, const torch::Tensor& bias, double eps) const;

 private:
  double count_ = 0;
  torch::Tensor mean_, deviations_;  // float64 [C]; deviations: the sum of their squares
};

}  // namespace pocketstyle::stylize
