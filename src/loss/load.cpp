// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/loss/load.h"

#include "pocketstyle/data/photos.h"
#include "pocketstyle/data/style.h"

namespace pocketstyle::loss {
namespace {

/// The style term of unchanged photos at strength 1. Chosen by eye (docs/decisions.md).
constexpr double kPhotoStyleTerm = 3e7;

}  // namespace

PerceptualLoss load_loss(const config::Config& config, const nn::Vgg16& vgg, torch::ScalarType compute_type,
                         std::optional<double> style_weight) {
  data::Style style = data::load_style(config);
  for (torch::Tensor& picture : style.pictures_nchw255) picture = picture.to(vgg.device());
  PerceptualLoss loss(config.loss, vgg, style.pictures_nchw255, compute_type, style.shares);
  if (style_weight) {
    loss.set_style_weight(*style_weight);
  } else if (!config.loss.style) {
    const torch::Tensor photos = data::load_reference_photos(config.data).to(vgg.device());
    loss.set_style_weight(config.loss.strength * kPhotoStyleTerm / loss.unweighted_style(photos));
  }
  return loss;
}

}  // namespace pocketstyle::loss
