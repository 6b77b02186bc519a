// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/config/config.h"

#include <torch/torch.h>

#include <vector>

namespace pocketstyle::data {

/// The style pictures as the loss takes them.
struct Style {
  std::vector<torch::Tensor> pictures_nchw255;  ///< float [1, 3, H, W] each, RGB 0..255
  std::vector<double> shares;                   ///< of the blend, summing to 1
};

/// The style pictures, trimmed, coloured and sized as `config.style` says; a frame that is cut off is said in the log.
/// `style.colors: photos` takes the colours of the first 64 usable photos of `config.data.train`.
/// Throws DataError: a picture cannot be read, no photo can be used.
Style load_style(const config::Config& config);

}  // namespace pocketstyle::data
