// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/config/config.h"
#include "pocketstyle/data/style.h"
#include "pocketstyle/loss/perceptual_loss.h"

#include <optional>

namespace pocketstyle::loss {

/// The loss that a configuration describes, for style pictures from data::load_style. Its style weight is
/// `style_weight` if given (that of a resumed run), else loss.style if set, else derived from loss.strength: the weight
/// that makes the style term of unstylised photos, averaged over up to 12 of data.train (or the shipped ones), a
/// constant times strength^4. So the same strength has the same effect for every style picture, though their style
/// losses differ by a factor of ten, and twice the strength is seen at once: pictures change little while the weight
/// doubles. Throws DataError: a style picture or the photos cannot be read.
PerceptualLoss load_loss(const config::Config& config, const nn::Vgg16& vgg, data::Style style,
                         torch::ScalarType compute_type = torch::kFloat32, std::optional<double> style_weight = {});
/// The same with the style pictures of `config.style`.
PerceptualLoss load_loss(const config::Config& config, const nn::Vgg16& vgg,
                         torch::ScalarType compute_type = torch::kFloat32, std::optional<double> style_weight = {});

}  // namespace pocketstyle::loss
