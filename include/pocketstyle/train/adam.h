// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/torch.h>

#include <vector>

namespace pocketstyle::train {

/// L2 norm of all gradients together. Parameters without a gradient do not count.
double gradient_norm(const std::vector<torch::Tensor>& parameters);

/// Scales all gradients so that their norm, `norm` as from gradient_norm, becomes its ratio to the running mean `mean`,
/// but `limit` at most if that is not 0 (clipping, Pascanu et al. 2013). Adam's step does not depend on the scale; what
/// is gained is that `limit` means the same for every loss, crop and style. Nothing happens if `mean` is 0.
void normalise_gradients(const std::vector<torch::Tensor>& parameters, double norm, double mean, double limit);

/// Adam (Kingma and Ba 2015; betas 0.9 and 0.999, eps 1e-8, no weight decay) with its state in the open: the moments
/// are saved beside the weights, which makes a resumed run equal to an unbroken one on every LibTorch version.
class Adam {
 public:
  /// `rates`: factors of the learning rate, one a parameter, or none: all 1.
  explicit Adam(std::vector<torch::Tensor> parameters, std::vector<double> rates = {});
  /// One step with the gradients that the parameters hold; they are then dropped.
  void step(double learning_rate);

  /// One per parameter, in its order: the running means of the gradient and of its square.
  std::vector<torch::Tensor> mean, mean_square;
  std::int64_t steps = 0;

 private:
  std::vector<torch::Tensor> parameters_;
  std::vector<double> rates_;
};

}  // namespace pocketstyle::train
