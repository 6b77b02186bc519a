// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/loss/terms.h"

#include <algorithm>

namespace pocketstyle::loss {

torch::Tensor gram_matrix(const torch::Tensor& features) {
  TORCH_CHECK(features.dim() == 4, "gram_matrix: expected [N, C, H, W], found ", features.sizes());
  const auto n = features.size(0), c = features.size(1), pixels = features.size(2) * features.size(3);
  const torch::Tensor flat = features.reshape({n, c, pixels});
  return torch::bmm(flat, flat.transpose(1, 2)) / static_cast<double>(c * pixels);
}

torch::Tensor gram_mse(const torch::Tensor& gram, const torch::Tensor& style_gram) {
  return (gram - style_gram).square().mean();
}

torch::Tensor total_variation(const torch::Tensor& pictures) {
  const auto height = pictures.size(2), width = pictures.size(3);
  const torch::Tensor down = pictures.narrow(2, 1, height - 1) - pictures.narrow(2, 0, height - 1);
  const torch::Tensor right = pictures.narrow(3, 1, width - 1) - pictures.narrow(3, 0, width - 1);
  return (down.square().sum() + right.square().sum()) / static_cast<double>(pictures.size(0));
}

torch::Tensor grid_pattern(const torch::Tensor& pictures) {
  constexpr std::int64_t kCell = 4, kWindow = 8;  // pixels; cells
  const auto n = pictures.size(0), c = pictures.size(1);
  const auto rows = pictures.size(2) / kCell, columns = pictures.size(3) / kCell;
  const torch::Tensor positions = pictures.narrow(2, 0, rows * kCell)
                                      .narrow(3, 0, columns * kCell)
                                      .reshape({n, c, rows, kCell, columns, kCell})
                                      .permute({0, 1, 3, 5, 2, 4})
                                      .reshape({n, c * kCell * kCell, rows, columns});
  const auto high = std::min(rows, kWindow), wide = std::min(columns, kWindow);
  const torch::Tensor means =
      torch::avg_pool2d(positions, {high, wide}, {(high + 1) / 2, (wide + 1) / 2}).view({n, c, kCell, kCell, -1});
  return (means - means.mean(2, true) - means.mean(3, true) + means.mean({2, 3}, true)).square().mean();
}

}  // namespace pocketstyle::loss
