// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/loss/perceptual_loss.h"

#include "pocketstyle/core/cpu.h"
#include "pocketstyle/loss/terms.h"

#include <stdexcept>
#include <utility>

namespace pocketstyle::loss {
namespace {

/// The weighted mean squared difference, differentiable.
torch::Tensor squared_difference(const torch::Tensor& a, const torch::Tensor& b, double weight) {
  return weight * (a - b).square().mean();
}

/// Adds the gradient of that with respect to a to `gradient`; returns its value.
double add_squared_difference(const torch::Tensor& a, const torch::Tensor& b, double weight, torch::Tensor& gradient) {
  const torch::Tensor difference = a - b;
  const auto count = static_cast<double>(difference.numel());
  gradient.add_(difference, 2 * weight / count);
  return weight * difference.to(torch::kFloat32).square().sum().item<double>() / count;
}

/// f^T f of each picture, float32 [N, C, C]. f: [N, pixels, C]. bfloat16 is multiplied natively where the processor
/// can, in pieces of the picture: each piece is summed in float32 and rounded to bfloat16, and the pieces' errors
/// average out (4e-4 of an entry). Small pictures use float32.
torch::Tensor products(const torch::Tensor& f) {
  constexpr std::int64_t kPieces = 16, kLeastPixels = 256;  // minimum size of a piece
  const auto n = f.size(0), pixels = f.size(1), c = f.size(2);
  if (f.scalar_type() != torch::kBFloat16 || !cpu_has_bfloat16() || pixels % kPieces != 0 ||
      pixels < kPieces * kLeastPixels) {
    const torch::Tensor precise = f.to(torch::kFloat32);
    return torch::bmm(precise.transpose(1, 2), precise);
  }
  const torch::Tensor pieces = f.view({n * kPieces, pixels / kPieces, c});
  return torch::bmm(pieces.transpose(1, 2), pieces).view({n, kPieces, c, c}).sum(1, false, torch::kFloat32);
}

}  // namespace

torch::Tensor TensorTerms::total() const {
  torch::Tensor sum;
  visit([&](const char*, const torch::Tensor& term) {
    if (term.defined()) sum = sum.defined() ? sum + term : term;
  });
  return sum;
}

run::LossTerms TensorTerms::values() const {
  run::LossTerms values;
  for (std::size_t i = 0; i < rows().size(); ++i)
    if (const torch::Tensor& term = this->*rows()[i].term; term.defined())
      values.*run::LossTerms::rows()[i].term = term.item<double>();
  return values;
}

PerceptualLoss::PerceptualLoss(const config::LossConfig& config, nn::Vgg16 vgg,
                               const std::vector<torch::Tensor>& styles_nchw255, torch::ScalarType compute_type,
                               const std::vector<double>& shares, nn::VggMethod method)
    : config_(config), vgg_(std::move(vgg)), compute_vgg_(vgg_.to(compute_type).with(method)) {
  const torch::NoGradGuard no_grad;
  for (std::size_t s = 0; s < styles_nchw255.size(); ++s) {
    const double share = shares.empty() ? 1.0 / static_cast<double>(styles_nchw255.size()) : shares[s];
    const auto features = vgg_.features(styles_nchw255[s], nn::VggTap::relu4_3);
    for (std::size_t i = 0; i < features.size(); ++i) {
      const torch::Tensor gram = gram_matrix(features[i]) * share;
      if (s == 0)
        style_grams_.push_back(gram);
      else
        style_grams_[i] += gram;
    }
  }
  for (std::size_t i = 0; i < config_.content_layers.size(); ++i)
    if (config_.content * config_.content_layers[i] > 0) last_content_tap_ = static_cast<nn::VggTap>(i);
}

ContentFeatures PerceptualLoss::content_features(const torch::Tensor& photos_nchw255) const {
  const torch::NoGradGuard no_grad;
  return last_content_tap_ ? vgg_.features(photos_nchw255, *last_content_tap_) : ContentFeatures();
}

TensorTerms PerceptualLoss::operator()(const torch::Tensor& output_nchw255,
                                       const ContentFeatures& content_features) const {
  return terms(output_nchw255, vgg_.features(output_nchw255, nn::VggTap::relu4_3), content_features);
}

TensorTerms PerceptualLoss::terms(const torch::Tensor& output_nchw255,
                                  const std::vector<torch::Tensor>& output_features,
                                  const ContentFeatures& content_features) const {
  TensorTerms terms;
  terms.content = terms.style = torch::zeros({}, output_nchw255.options());
  for (std::size_t i = 0; i < output_features.size(); ++i) {
    if (i < content_features.size() && config_.content_layers[i] > 0)
      terms.content = terms.content + squared_difference(output_features[i], content_features[i],
                                                         config_.content * config_.content_layers[i]);
    if (config_.style_layers[i] > 0) terms.style = terms.style + style_term(i, output_features[i]);
  }
  terms.tv = config_.tv * total_variation(output_nchw255);
  if (config_.grid > 0) terms.grid = config_.grid * grid_pattern(output_nchw255);
  return terms;
}

double PerceptualLoss::style_weight() const {
  if (!config_.style) throw std::logic_error("PerceptualLoss: no style weight: set config.style or set_style_weight()");
  return *config_.style;
}

torch::Tensor PerceptualLoss::style_term(std::size_t tap, const torch::Tensor& features) const {
  return style_weight() * unweighted_style_term(tap, features);
}

torch::Tensor PerceptualLoss::unweighted_style_term(std::size_t tap, const torch::Tensor& features) const {
  return config_.style_layers[tap] * gram_mse(gram_matrix(features), style_grams_[tap]);
}

double PerceptualLoss::add_style(std::size_t tap, const torch::Tensor& features, torch::Tensor& gradient) const {
  const double weight = style_weight() * config_.style_layers[tap];
  if (weight == 0) return 0;
  const auto n = features.size(0), c = features.size(1), pixels = features.size(2) * features.size(3);
  const auto as_matrix = [&](const torch::Tensor& x) { return x.permute({0, 2, 3, 1}).view({n, pixels, c}); };
  const torch::Tensor f = as_matrix(features);
  const torch::Tensor gram = products(f) / static_cast<double>(c * pixels);
  const torch::Tensor difference = gram - style_grams_[tap];
  // d mean(difference^2) / d gram = 2 difference / (n c^2), symmetric; d gram / d f takes f from both sides.
  const double scale = weight * 4.0 / (static_cast<double>(n * c * c) * static_cast<double>(c * pixels));
  as_matrix(gradient).baddbmm_(f, (difference * scale).to(f.scalar_type()));
  return weight * difference.square().mean().item<double>();
}

double PerceptualLoss::unweighted_style(const torch::Tensor& pictures_nchw255) const {
  const torch::NoGradGuard no_grad;
  double sum = 0;
  for (const torch::Tensor& picture : pictures_nchw255.split(1)) {
    const auto features = vgg_.features(picture, nn::VggTap::relu4_3);
    for (std::size_t i = 0; i < features.size(); ++i) sum += unweighted_style_term(i, features[i]).item<double>();
  }
  return sum / static_cast<double>(pictures_nchw255.size(0));
}

std::vector<PerceptualLoss::FeatureTarget> PerceptualLoss::feature_targets(
    const ContentFeatures& content_features, const std::optional<DistillationTarget>& distillation,
    run::LossTerms& terms) const {
  const torch::NoGradGuard no_grad;
  std::vector<FeatureTarget> all;
  for (std::size_t i = 0; i < content_features.size(); ++i)
    if (config_.content_layers[i] > 0)
      all.push_back({static_cast<nn::VggTap>(i), content_features[i], config_.content * config_.content_layers[i],
                     &terms.content});
  if (distillation && distillation->features > 0) {
    const auto features = compute_vgg_.features(distillation->pictures_nchw255, nn::VggTap::relu3_3);
    for (const auto tap : {nn::VggTap::relu2_2, nn::VggTap::relu3_3})
      all.push_back({tap, features[static_cast<std::size_t>(tap)], distillation->features, &terms.distillation});
  }
  return all;
}

LossGradient PerceptualLoss::gradient(const torch::Tensor& output_nchw255, const torch::Tensor& photos_nchw255,
                                      const std::optional<DistillationTarget>& distillation) const {
  ContentFeatures features;
  if (last_content_tap_) {
    const torch::NoGradGuard no_grad;
    features = compute_vgg_.features(photos_nchw255, *last_content_tap_);
  }
  return gradient(output_nchw255, features, distillation);
}

LossGradient PerceptualLoss::gradient(const torch::Tensor& output_nchw255, const ContentFeatures& content_features,
                                      const std::optional<DistillationTarget>& distillation) const {
  LossGradient result;
  torch::Tensor picture = output_nchw255.detach();
  const std::vector<FeatureTarget> targets = feature_targets(content_features, distillation, result.terms);
  torch::Tensor from_features;
  if (picture.device().is_cpu()) {
    nn::VggPass pass(compute_vgg_, picture);
    from_features = pass.backward([&](nn::VggTap tap, torch::Tensor& gradient) {
      const torch::Tensor& features = pass.feature(tap);
      result.terms.style += add_style(static_cast<std::size_t>(tap), features, gradient);
      for (const FeatureTarget& target : targets)
        if (target.tap == tap)
          *target.value += add_squared_difference(features, target.features, target.weight, gradient);
    });
  }
  picture.requires_grad_(true);
  torch::Tensor rest = config_.tv * total_variation(picture);
  result.terms.tv = rest.item<double>();
  if (config_.grid > 0) {
    const torch::Tensor term = config_.grid * grid_pattern(picture);
    result.terms.grid = term.item<double>();
    rest = rest + term;
  }
  if (distillation && distillation->output > 0) {
    const torch::Tensor term = squared_difference(picture, distillation->pictures_nchw255, distillation->output);
    result.terms.distillation += term.item<double>();
    rest = rest + term;
  }
  if (!from_features.defined()) {  // other devices use autograd
    const auto features = compute_vgg_.features(picture, nn::VggTap::relu4_3);
    for (std::size_t i = 0; i < features.size(); ++i) {
      if (config_.style_layers[i] == 0) continue;
      const torch::Tensor term = style_term(i, features[i]);
      result.terms.style += term.item<double>();
      rest = rest + term;
    }
    for (const FeatureTarget& target : targets) {
      const torch::Tensor term =
          squared_difference(features[static_cast<std::size_t>(target.tap)], target.features, target.weight);
      *target.value += term.item<double>();
      rest = rest + term;
    }
  }
  rest.backward();
  result.gradient = from_features.defined() ? from_features + picture.grad() : picture.grad();
  return result;
}

}  // namespace pocketstyle::loss
