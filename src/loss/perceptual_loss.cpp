// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/loss/perceptual_loss.h"

#include "pocketstyle/loss/terms.h"

#include <utility>

namespace pocketstyle::loss {

PerceptualLoss::PerceptualLoss(const config::LossConfig& config, nn::Vgg16 vgg, const torch::Tensor& style_nchw255)
    : config_(config), vgg_(std::move(vgg)) {
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

}  // namespace pocketstyle::loss
