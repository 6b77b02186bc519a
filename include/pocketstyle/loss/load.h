// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/config/config.h"
#include "pocketstyle/loss/perceptual_loss.h"

#include <optional>

namespace pocketstyle::loss {

/// The loss that a configuration describes, with its style pictures loaded. Its style weight is `style_weight` if given
/// (a resumed run's), else loss.style if set, else what loss.strength asks for: the weight with which the style term of
/// photos as they are, mean over up to 12 of data.train (or the shipped ones), is strength times a constant. So equal
/// strength pulls every style's pictures equally far, though style losses differ tenfold between style pictures.
/// Throws DataError: a style picture or the photos cannot be read.
PerceptualLoss load_loss(const config::Config& config, const nn::Vgg16& vgg,
                         torch::ScalarType compute_type = torch::kFloat32, std::optional<double> style_weight = {});

}  // namespace pocketstyle::loss
