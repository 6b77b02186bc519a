// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/train/soap.h"

#include <cmath>
#include <utility>

namespace pocketstyle::train {
namespace {

constexpr double kBeta1 = 0.9, kEps = 1e-8;
constexpr double kAdamBeta2 = 0.999;                   // Adam's own
constexpr double kSoapBeta2 = 0.99, kSoapGram = 0.95;  // a basis is only right for recent gradients
constexpr std::int64_t kLongestMode = 256;

/// The gradient of a convolution kernel as [out, in, kernel * kernel].
torch::Tensor as_oik(const torch::Tensor& x) {
  return x.reshape({x.size(0), x.size(1), -1});
}

/// `x` times `matrix` along one mode.
torch::Tensor turn(const torch::Tensor& x, std::int64_t mode, const torch::Tensor& matrix) {
  return torch::tensordot(x, matrix, {mode}, {0}).movedim(-1, mode);
}

/// Gram matrix of the slices along one mode.
torch::Tensor gram(const torch::Tensor& x, std::int64_t mode) {
  const torch::Tensor rows = x.movedim(mode, 0).reshape({x.size(mode), -1});
  return rows.mm(rows.t());
}

}  // namespace

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

Soap::Soap(std::vector<torch::Tensor> parameters, std::vector<double> rates, std::int64_t every) : every_(every) {
  rates.resize(parameters.size(), 1.0);
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    Parameter& parameter = parameters_.emplace_back();
    parameter.weight = parameters[i];
    parameter.rate = rates[i];
    parameter.mean = torch::zeros_like(parameters[i]);
    parameter.mean_square = torch::zeros_like(parameters[i]);
    if (every_ == 0 || parameters[i].dim() != 4) continue;
    const torch::Tensor kernel = as_oik(parameters[i].detach());
    for (std::int64_t mode = 0; mode < 3; ++mode)
      if (const std::int64_t length = kernel.size(mode); length > 1 && length <= kLongestMode)
        parameter.modes.push_back(
            {mode, torch::empty({length, length}, kernel.options()), torch::empty({length, length}, kernel.options())});
  }
  reset_bases();
}

void Soap::reset_bases() {
  for (Parameter& parameter : parameters_)
    for (Mode& mode : parameter.modes) {
      mode.gram.zero_();
      torch::eye_out(mode.basis, mode.basis.size(0));
    }
}

std::vector<std::pair<std::string, torch::Tensor>> Soap::state(std::size_t i) const {
  const Parameter& parameter = parameters_[i];
  std::vector<std::pair<std::string, torch::Tensor>> tensors{{"mean", parameter.mean},
                                                             {"mean_square", parameter.mean_square}};
  for (const Mode& mode : parameter.modes) {
    tensors.emplace_back("gram." + std::to_string(mode.index), mode.gram);
    tensors.emplace_back("basis." + std::to_string(mode.index), mode.basis);
  }
  return tensors;
}

bool Soap::updates_bases() const {
  return every_ > 0 && steps % every_ == 0;
}

void Soap::update_grams(Parameter& parameter, const torch::Tensor& gradient_oik) const {
  for (Mode& mode : parameter.modes) {
    mode.gram.lerp_(gram(gradient_oik, mode.index), 1.0 - kSoapGram);
    // One step of the power method, which follows eigenvectors that change slowly.
    if (updates_bases()) mode.basis.copy_(std::get<0>(torch::linalg_qr(mode.gram.mm(mode.basis))));
  }
}

void Soap::step(double learning_rate) {
  const torch::NoGradGuard no_grad;
  for (Parameter& parameter : parameters_) {
    torch::Tensor& gradient = parameter.weight.mutable_grad();
    if (!gradient.defined()) continue;
    const double beta2 = parameter.modes.empty() ? kAdamBeta2 : kSoapBeta2;
    const double bias1 = 1.0 - std::pow(kBeta1, static_cast<double>(steps + 1));
    const double bias2 = 1.0 - std::pow(beta2, static_cast<double>(steps + 1));
    torch::Tensor turned = gradient;
    parameter.mean.mul_(kBeta1).add_(gradient, 1.0 - kBeta1);
    torch::Tensor update = parameter.mean;
    if (!parameter.modes.empty()) {
      turned = as_oik(gradient);
      update = as_oik(update);
      update_grams(parameter, turned);
      for (const Mode& mode : parameter.modes) {
        turned = turn(turned, mode.index, mode.basis);
        update = turn(update, mode.index, mode.basis);
      }
      turned = turned.reshape_as(gradient);
    }
    parameter.mean_square.mul_(beta2).addcmul_(turned, turned, 1.0 - beta2);
    const torch::Tensor scale = (parameter.mean_square.sqrt() / std::sqrt(bias2)).add_(kEps);
    update = update / scale.view_as(update);
    for (const Mode& mode : parameter.modes) update = turn(update, mode.index, mode.basis.t());
    parameter.weight.sub_(update.reshape_as(gradient), learning_rate * parameter.rate / bias1);
    gradient = torch::Tensor();
  }
  ++steps;
}

}  // namespace pocketstyle::train
