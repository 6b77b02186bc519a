// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/loss/perceptual_loss.h"
#include "pocketstyle/optimize/options.h"

#include <torch/torch.h>

#include <cstdint>
#include <functional>

namespace pocketstyle::optimize {

struct Optimized {
  torch::Tensor picture_nchw255;  ///< float [1, 3, H, W], within 4 levels of 0..255: the best one found
  run::LossTerms start, best;
  std::int64_t evaluations = 0;
};

/// Minimises the perceptual loss over the picture's own pixels (Gatys, Ecker and Bethge, CVPR 2016). `photo_nchw255`:
/// [1, 3, H, W], RGB 0..255, at least kMinSide; `loss` should be float32. `report` is called after every evaluation;
/// returning false stops the work. Throws RuntimeFailure if the loss is not finite.
Optimized optimize(const loss::PerceptualLoss& loss, const torch::Tensor& photo_nchw255, const Options& options,
                   const std::function<bool(const Progress&)>& report);

/// The loss of any picture of the photo's size.
run::LossTerms losses_of(const loss::PerceptualLoss& loss, const torch::Tensor& picture_nchw255,
                         const loss::ContentFeatures& photo);

}  // namespace pocketstyle::optimize
