// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/torch.h>

#include <vector>

namespace pocketstyle::train {

/// L2 norm of all gradients together. Parameters without a gradient are ignored.
double gradient_norm(const std::vector<torch::Tensor>& parameters);

/// Scales all gradients so that their norm, `norm` as from gradient_norm, becomes its ratio to the running mean `mean`,
/// but at most `limit` if that is not 0 (clipping, Pascanu et al. 2013). Adam's step does not depend on the scale; the
/// scaling makes `limit` mean the same for every loss, crop and style. Does nothing if `mean` is 0.
void normalise_gradients(const std::vector<torch::Tensor>& parameters, double norm, double mean, double limit);

/// Adam (Kingma and Ba 2015; betas 0.9 and 0.999, eps 1e-8, no weight decay) with accessible state: the moments are
/// saved with the weights, so that a resumed run equals an uninterrupted one with every LibTorch version.
class Adam {
 public:
  /// `rates`: learning rate factors, one per parameter, or empty: all 1.
  explicit Adam(std::vector<torch::Tensor> parameters, std::vector<double> rates = {});
  /// Takes one step with the parameters' gradients, then clears them.
  void step(double learning_rate);

  /// One per parameter, in the same order: the running means of the gradient and of its square.
  std::vector<torch::Tensor> mean, mean_square;
  std::int64_t steps = 0;

 private:
  std::vector<torch::Tensor> parameters_;
  std::vector<double> rates_;
};

}  // namespace pocketstyle::train
