// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/train/adam.h"

#include <cmath>
#include <utility>

namespace pocketstyle::train {
namespace {
constexpr double kBeta1 = 0.9, kBeta2 = 0.999, kEps = 1e-8;
}

double gradient_norm(const std::vector<torch::Tensor>& parameters) {
  std::vector<torch::Tensor> norms;
  for (const auto& parameter : parameters)
    if (parameter.grad().defined()) norms.push_back(parameter.grad().norm());
  return norms.empty() ? 0.0 : torch::stack(norms).norm().item<double>();
}

void normalise_gradients(const std::vector<torch::Tensor>& parameters, double norm, double mean, double limit) {
  if (mean <= 0) return;
  const double ratio = norm / mean, scale = (limit > 0 && ratio > limit ? limit / ratio : 1) / mean;
  const torch::NoGradGuard no_grad;
  for (const torch::Tensor& parameter : parameters)
    if (torch::Tensor& gradient = parameter.mutable_grad(); gradient.defined()) gradient.mul_(scale);
}

Adam::Adam(std::vector<torch::Tensor> parameters, std::vector<double> rates)
    : parameters_(std::move(parameters)), rates_(std::move(rates)) {
  rates_.resize(parameters_.size(), 1.0);
  for (const auto& parameter : parameters_) {
    mean.push_back(torch::zeros_like(parameter));
    mean_square.push_back(torch::zeros_like(parameter));
  }
}

void Adam::step(double learning_rate) {
  const torch::NoGradGuard no_grad;
  ++steps;
  const double bias1 = 1.0 - std::pow(kBeta1, static_cast<double>(steps));
  const double bias2 = 1.0 - std::pow(kBeta2, static_cast<double>(steps));
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    torch::Tensor& gradient = parameters_[i].mutable_grad();
    if (!gradient.defined()) continue;
    mean[i].mul_(kBeta1).add_(gradient, 1.0 - kBeta1);
    mean_square[i].mul_(kBeta2).addcmul_(gradient, gradient, 1.0 - kBeta2);
    const torch::Tensor scale = (mean_square[i].sqrt() / std::sqrt(bias2)).add_(kEps);
    parameters_[i].addcdiv_(mean[i], scale, -learning_rate * rates_[i] / bias1);
    gradient = torch::Tensor();
  }
}

}  // namespace pocketstyle::train
