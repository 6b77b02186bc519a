// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/config/config.h"

#include <torch/torch.h>

#include <cstdint>
#include <utility>
#include <vector>

namespace pocketstyle::train {

/// A step's photos as the next frame of a video might show them: each moved along both axes, and with noise. What of
/// sample n is drawn depends only on the seed and n.
class Perturbation {
 public:
  /// `photos_nchw255`: samples `first_sample` and those after it, [N, 3, H, W].
  Perturbation(const config::TemporalConfig& config, std::uint64_t seed, std::int64_t first_sample,
               const torch::Tensor& photos_nchw255);

  /// [N, 3, H - m, W - m], where m is the longest way, rounded up to a multiple of 4.
  [[nodiscard]] const torch::Tensor& photos() const { return photos_; }
  /// Of the pictures of the photos as they were, the parts that the perturbed ones show. Differentiable.
  [[nodiscard]] torch::Tensor window_of(const torch::Tensor& pictures_nchw255) const;

 private:
  std::int64_t less_;                                           ///< rows and columns
  std::vector<std::pair<std::int64_t, std::int64_t>> corners_;  ///< top and left of each window
  torch::Tensor photos_;
};

}  // namespace pocketstyle::train
