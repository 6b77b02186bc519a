// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/config/config.h"
#include "pocketstyle/data/photos.h"
#include "pocketstyle/nn/style_net.h"
#include "pocketstyle/nn/vgg16.h"
#include "pocketstyle/train/checkpoint.h"
#include "pocketstyle/train/observer.h"

#include <torch/torch.h>

#include <vector>

namespace pocketstyle::bench {

/// The training loop as people write it: see bench/train.h. The same network, loss, recipe and photos as ours.
class TextbookLoop {
 public:
  explicit TextbookLoop(const config::Config& config);
  train::StepReport step();

 private:
  [[nodiscard]] std::vector<torch::Tensor> grams(const std::vector<torch::Tensor>& features) const;

  config::Config config_;
  nn::StyleNet net_;
  nn::Vgg16 vgg_;
  torch::optim::Adam adam_;
  torch::Tensor style_;
  double style_weight_;
  data::Batches batches_;
  train::TrainState state_;  ///< the gradient's norm, step by step
};

}  // namespace pocketstyle::bench
