// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/loss/load.h"

#include "pocketstyle/data/photos.h"

#include <cmath>

namespace pocketstyle::loss {
namespace {

/// The style term of unstylised photos, kPhotoStyleTerm * strength^kStrengthPower. Chosen by eye (docs/decisions.md).
constexpr double kPhotoStyleTerm = 6e6;
constexpr double kStrengthPower = 4;

}  // namespace

PerceptualLoss load_loss(const config::Config& config, const nn::Vgg16& vgg, data::Style style,
                         torch::ScalarType compute_type, std::optional<double> style_weight) {
  for (torch::Tensor& picture : style.pictures_nchw255) picture = picture.to(vgg.device());
  PerceptualLoss loss(config.loss, vgg, style.pictures_nchw255, compute_type, style.shares,
                      config.run.winograd ? nn::VggMethod::winograd : nn::VggMethod::direct);
  if (style_weight) {
    loss.set_style_weight(*style_weight);
  } else if (!config.loss.style) {
    const torch::Tensor photos = data::load_reference_photos(config.data).to(vgg.device());
    loss.set_style_weight(std::pow(config.loss.strength, kStrengthPower) * kPhotoStyleTerm /
                          loss.unweighted_style(photos));
  }
  return loss;
}

PerceptualLoss load_loss(const config::Config& config, const nn::Vgg16& vgg, torch::ScalarType compute_type,
                         std::optional<double> style_weight) {
  return load_loss(config, vgg, data::load_style(config), compute_type, style_weight);
}

}  // namespace pocketstyle::loss
