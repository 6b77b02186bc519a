// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/loss/perceptual_loss.h"

#include <torch/torch.h>

#include <cstdint>
#include <functional>

namespace pocketstyle::optimize {

/// L-BFGS (Liu and Nocedal 1989) with a line search by the strong Wolfe conditions, or Adam with a cosine rate.
enum class Method { lbfgs, adam };
enum class Start { photo, noise };

constexpr std::int64_t kMinSide = 8;  ///< of a picture, in pixels: VGG-16 halves it three times

struct Options {
  Method method = Method::lbfgs;
  Start start = Start::photo;
  std::uint64_t seed = 1;          ///< of the noise
  std::int64_t evaluations = 300;  ///< of the loss and its gradient, which is what takes the time; 1 or more
  std::int64_t history = 50;       ///< steps that L-BFGS remembers
  double learning_rate = 10;       ///< Adam's at first, in levels of 255
};

struct Progress {
  std::int64_t evaluations = 0;
  run::LossTerms now, best;
};

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
