// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/loss/perceptual_loss.h"

#include "pocketstyle/loss/terms.h"

#include <utility>

namespace pocketstyle::loss {

PerceptualLoss::PerceptualLoss(const config::LossConfig& config, nn::Vgg16 vgg, const torch::Tensor& style_nchw255,
                               torch::ScalarType compute_type)
    : config_(config), vgg_(std::move(vgg)), compute_vgg_(vgg_.to(compute_type)) {
  const torch::NoGradGuard no_grad;
  for (const torch::Tensor& features : vgg_.features(style_nchw255, nn::VggTap::relu4_3))
    style_grams_.push_back(gram_matrix(features));
}

torch::Tensor PerceptualLoss::content_features(const torch::Tensor& photos_nchw255) const {
  const torch::NoGradGuard no_grad;
  return vgg_.features(photos_nchw255, nn::VggTap::relu2_2).back();
}

LossTerms PerceptualLoss::operator()(const torch::Tensor& output_nchw255, const torch::Tensor& content_features) const {
  const auto features = vgg_.features(output_nchw255, nn::VggTap::relu4_3);
  LossTerms terms;
  terms.content =
      config_.content * (features[static_cast<std::size_t>(nn::VggTap::relu2_2)] - content_features).square().mean();
  for (std::size_t i = 0; i < features.size(); ++i) {
    const torch::Tensor term = gram_mse(gram_matrix(features[i]), style_grams_[i]);
    terms.style = i == 0 ? term : terms.style + term;
  }
  terms.style = config_.style * terms.style;
  terms.tv = config_.tv * total_variation(output_nchw255);
  return terms;
}

double PerceptualLoss::add_style(std::size_t tap, const torch::Tensor& features, torch::Tensor& gradient) const {
  const auto n = features.size(0), c = features.size(1), pixels = features.size(2) * features.size(3);
  const auto as_matrix = [&](const torch::Tensor& x) { return x.permute({0, 2, 3, 1}).view({n, pixels, c}); };
  const torch::Tensor f = as_matrix(features), precise = f.to(torch::kFloat32);
  const torch::Tensor gram = torch::bmm(precise.transpose(1, 2), precise) / static_cast<double>(c * pixels);
  const torch::Tensor difference = gram - style_grams_[tap];
  // d mean(difference^2) / d gram = 2 difference / (n c^2), symmetric; d gram / d f takes f from both sides.
  const double scale = config_.style * 4.0 / (static_cast<double>(n * c * c) * static_cast<double>(c * pixels));
  as_matrix(gradient).baddbmm_(f, (difference * scale).to(f.scalar_type()));
  return difference.square().mean().item<double>();
}

LossGradient PerceptualLoss::gradient(const torch::Tensor& output_nchw255, const torch::Tensor& photos_nchw255) const {
  LossGradient result;
  torch::Tensor picture = output_nchw255.detach();
  if (!picture.device().is_cpu()) {
    picture.requires_grad_(true);
    const LossTerms terms = (*this)(picture, content_features(photos_nchw255));
    terms.total().backward();
    return {terms.content.item<double>(), terms.style.item<double>(), terms.tv.item<double>(), picture.grad()};
  }
  const torch::Tensor wanted = [&] {
    const torch::NoGradGuard no_grad;
    return compute_vgg_.features(photos_nchw255, nn::VggTap::relu2_2).back();
  }();
  nn::VggPass pass(compute_vgg_, picture);
  const torch::Tensor from_features = pass.backward([&](nn::VggTap tap, torch::Tensor& gradient) {
    const torch::Tensor& features = pass.feature(tap);
    result.style += config_.style * add_style(static_cast<std::size_t>(tap), features, gradient);
    if (tap != nn::VggTap::relu2_2) return;
    const torch::Tensor difference = features - wanted;
    const auto count = static_cast<double>(difference.numel());
    result.content = config_.content * difference.to(torch::kFloat32).square().sum().item<double>() / count;
    gradient.add_(difference, 2 * config_.content / count);
  });
  picture.requires_grad_(true);
  const torch::Tensor tv = config_.tv * total_variation(picture);
  tv.backward();
  result.tv = tv.item<double>();
  result.gradient = from_features + picture.grad();
  return result;
}

}  // namespace pocketstyle::loss
