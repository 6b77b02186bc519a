// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/loss/clamp.h"

namespace pocketstyle::loss {

torch::Tensor gradient_through_clamp(const torch::Tensor& gradient, const torch::Tensor& output_nchw255) {
  const torch::Tensor outward = ((output_nchw255 > 255) & (gradient < 0)) | ((output_nchw255 < 0) & (gradient > 0));
  return gradient.masked_fill(outward, 0);
}

}  // namespace pocketstyle::loss
