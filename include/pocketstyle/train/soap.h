// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace pocketstyle::train {

/// L2 norm of all gradients together. Parameters without a gradient are ignored.
double gradient_norm(const std::vector<torch::Tensor>& parameters);

/// Scales all gradients so that their norm, `norm` as from gradient_norm, becomes its ratio to the running mean `mean`,
/// but at most `limit` if that is not 0 (clipping, Pascanu et al. 2013). The optimiser's step does not depend on the
/// scale; the scaling makes `limit` mean the same for every loss, crop and style. Does nothing if `mean` is 0.
void normalise_gradients(const std::vector<torch::Tensor>& parameters, double norm, double mean, double limit);

/// SOAP (Vyas et al. 2024, arXiv 2409.11321): Adam in the eigenbasis of Shampoo's preconditioner. The gradient of a
/// convolution kernel is a tensor [out, in, kernel * kernel]; each of its three modes has a basis, which follows the
/// eigenvectors of the running mean of the gradient's Gram matrix along that mode. Other parameters, and modes longer
/// than 256, keep the identity, and with that alone it is Adam (Kingma and Ba 2015). No weight decay.
///
/// All state is accessible: it is saved with the weights, so that a resumed run equals an uninterrupted one.
class Soap {
 public:
  /// `rates`: learning rate factors, one per parameter, or empty: all 1. `every`: steps between updates of the bases;
  /// 0: they stay the identity.
  explicit Soap(std::vector<torch::Tensor> parameters, std::vector<double> rates = {}, std::int64_t every = 0);
  /// Takes one step with the parameters' gradients, then clears them.
  void step(double learning_rate);
  /// All bases are the identity again, as at the start.
  void reset_bases();
  /// Whether the next step updates the bases.
  [[nodiscard]] bool updates_bases() const;

  /// Parameter `i`'s tensors by name, to be saved or overwritten. Moments: mean, mean_square, shaped like the
  /// parameter; mean_square is that of the gradient turned into the bases. For each mode `m` that has them:
  /// gram.<m> and basis.<m>, both [length of the mode, the same].
  [[nodiscard]] std::vector<std::pair<std::string, torch::Tensor>> state(std::size_t i) const;

  std::int64_t steps = 0;

 private:
  struct Mode {
    std::int64_t index;         ///< of [out, in, kernel * kernel]
    torch::Tensor gram, basis;  ///< the columns of `basis` are its vectors
  };
  struct Parameter {
    torch::Tensor weight;
    double rate = 1.0;
    torch::Tensor mean, mean_square;
    std::vector<Mode> modes;  ///< empty: plain Adam
  };
  void update_grams(Parameter& parameter, const torch::Tensor& gradient_oik) const;

  std::vector<Parameter> parameters_;
  std::int64_t every_;
};

}  // namespace pocketstyle::train
