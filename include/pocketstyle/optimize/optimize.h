// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/loss/perceptual_loss.h"
#include "pocketstyle/optimize/options.h"

#include <torch/torch.h>

#include <cstdint>
#include <functional>

namespace pocketstyle::optimize {

struct Optimized {
  torch::Tensor picture_nchw255;  ///< float [1, 3, H, W], not clamped: the best that was met
  run::LossTerms start, best;
  std::int64_t evaluations = 0;
};

/// Changes the picture itself until its perceptual loss is small (Gatys, Ecker and Bethge, CVPR 2016). `photo_nchw255`:
/// [1, 3, H, W], RGB 0..255, of kMinSide or more; `loss` is best made in float32. `report` hears of every
/// evaluation; if it returns false the work ends there. Throws RuntimeFailure if the loss is not finite.
Optimized optimize(const loss::PerceptualLoss& loss, const torch::Tensor& photo_nchw255, const Options& options,
                   const std::function<bool(const Progress&)>& report);

/// The loss of any picture of the photo's size.
run::LossTerms losses_of(const loss::PerceptualLoss& loss, const torch::Tensor& picture_nchw255,
                         const loss::ContentFeatures& photo);

}  // namespace pocketstyle::optimize
