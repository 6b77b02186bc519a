// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/config/config.h"

#include <torch/torch.h>

#include <vector>

namespace pocketstyle::data {

/// The style pictures, ready for the loss.
struct Style {
  std::vector<torch::Tensor> pictures_nchw255;  ///< float [1, 3, H, W] each, RGB 0..255
  std::vector<double> shares;                   ///< blend weights, summing to 1
};

/// Loads the style pictures, trimmed, recoloured and resized as `config.style` says; logs any frame that is cropped
/// off. `style.colors: photos` takes the colours of the first 64 usable photos of `config.data.train`. Throws DataError
/// if a picture cannot be read or no photo is usable.
Style load_style(const config::Config& config);

}  // namespace pocketstyle::data
