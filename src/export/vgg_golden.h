// SPDX-License-Identifier: Apache-2.0
#pragma once
// Features of the VGG-16 of Simonyan and Zisserman for a synthetic picture, computed in float64 independently of this
// project; tests/data/vgg16_golden.json has more of them.

#include <torch/torch.h>

#include <array>

namespace pocketstyle::exporting {

/// Mean of relu1_2, relu2_2, relu3_3, relu4_3 on golden_picture().
inline constexpr std::array<double, 4> kVggGoldenMeans = {158.20779833465983, 324.43974652315677, 363.3022484561416,
                                                          43.34804144121443};

/// (2*h + 3*w + 40*c + (h*w) mod 97) mod 256 as float [1, 3, 96, 128].
inline torch::Tensor golden_picture() {
  const torch::Tensor h = torch::arange(96).view({1, 1, 96, 1}), w = torch::arange(128).view({1, 1, 1, 128});
  const torch::Tensor c = torch::arange(3).view({1, 3, 1, 1});
  return torch::remainder(2 * h + 3 * w + 40 * c + torch::remainder(h * w, 97), 256).to(torch::kFloat32);
}

}  // namespace pocketstyle::exporting
