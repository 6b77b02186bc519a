// SPDX-License-Identifier: Apache-2.0
#pragma once
// The independent float64 reference values of tests/data/vgg16_golden.json and the pictures that they belong to.

#include <nlohmann/json.hpp>
#include <torch/torch.h>

#include <cmath>
#include <fstream>

namespace pocketstyle::testing {

inline nlohmann::json vgg_golden() {
  std::ifstream in(POCKETSTYLE_TEST_DATA "/vgg16_golden.json");
  return nlohmann::json::parse(in);
}

/// (a*h + b*w + c_step*c + (h*w) mod m) mod 256 as float [1, 3, 96, 128].
inline torch::Tensor formula_picture(int a, int b, int c_step, int m) {
  torch::Tensor picture = torch::empty({1, 3, 96, 128});
  auto pixels = picture.accessor<float, 4>();
  for (int c = 0; c < 3; ++c)
    for (int h = 0; h < 96; ++h)
      for (int w = 0; w < 128; ++w)
        pixels[0][c][h][w] = static_cast<float>((a * h + b * w + c_step * c + (h * w) % m) % 256);
  return picture;
}
inline torch::Tensor golden_x() {
  return formula_picture(2, 3, 40, 97);
}
inline torch::Tensor golden_y() {
  return formula_picture(5, 1, 17, 89);
}

inline double relative_error(double found, double expected) {
  return std::abs(found - expected) / std::abs(expected);
}

}  // namespace pocketstyle::testing
