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

/// Throws UsageError listing the keys with settings that the textbook loop does not support.
void check_textbook(const config::Config& config);

/// A conventional training loop, see bench/train.h. Same network, loss, recipe and photos as ours.
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
  train::TrainState state_;  ///< for the running mean of the gradient's norm
};

}  // namespace pocketstyle::bench
