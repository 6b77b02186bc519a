// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/config/config.h"

#include <torch/torch.h>

#include <cstdint>
#include <utility>
#include <vector>

namespace pocketstyle::train {

/// A step's photos as they might look in the next frame of a video: each shifted along both axes, and with noise. The
/// random numbers of sample n depend only on the seed and n.
class Perturbation {
 public:
  /// `photos_nchw255`: consecutive samples, starting with `first_sample`, [N, 3, H, W].
  Perturbation(const config::TemporalConfig& config, std::uint64_t seed, std::int64_t first_sample,
               const torch::Tensor& photos_nchw255);

  /// [N, 3, H - m, W - m], where m is the maximum shift, rounded up to a multiple of 4.
  [[nodiscard]] const torch::Tensor& photos() const { return photos_; }
  /// The parts of the original photos' pictures that correspond to the perturbed photos. Differentiable.
  [[nodiscard]] torch::Tensor window_of(const torch::Tensor& pictures_nchw255) const;

 private:
  std::int64_t less_;                                           ///< rows and columns cropped off
  std::vector<std::pair<std::int64_t, std::int64_t>> corners_;  ///< top and left of each window
  torch::Tensor photos_;
};

}  // namespace pocketstyle::train
