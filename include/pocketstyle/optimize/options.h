// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/run/loss_terms.h"

#include <cstdint>

namespace pocketstyle::optimize {

/// L-BFGS (Liu and Nocedal 1989) with a strong Wolfe line search, or Adam with cosine decay of the learning rate.
enum class Method { lbfgs, adam };
enum class Start { photo, noise };

constexpr std::int64_t kMinSide = 8;  ///< smallest side of a picture in pixels: VGG-16 halves it three times

struct Options {
  Method method = Method::lbfgs;
  Start start = Start::photo;
  std::uint64_t seed = 1;          ///< of the initial noise
  std::int64_t evaluations = 300;  ///< evaluations of the loss and its gradient, which take the time; 1 or more
  std::int64_t history = 50;       ///< number of past steps that L-BFGS uses
  double learning_rate = 10;       ///< Adam's initial learning rate, in levels of 255
};

struct Progress {
  std::int64_t evaluations = 0;
  run::LossTerms now, best;
};

}  // namespace pocketstyle::optimize
