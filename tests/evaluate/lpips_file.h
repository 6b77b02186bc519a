// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/core/error.h"
#include "pocketstyle/nn/safetensors.h"

#include <torch/torch.h>

#include <vector>

namespace pocketstyle::testing {

/// A VGG-16 of two channels: red as it is scaled, where positive, and 1. So every tap of a plain picture is known.
inline nn::TensorFile two_channels() {
  nn::TensorFile file;
  const std::vector<std::vector<int>> slices{{0, 2}, {5, 7}, {10, 12, 14}, {17, 19, 21}, {24, 26, 28}};
  for (std::size_t slice = 0; slice < slices.size(); ++slice) {
    for (const int index : slices[slice]) {
      const bool first = index == 0;
      torch::Tensor weight = torch::zeros({2, first ? 3 : 2, 3, 3}), bias = torch::zeros({2});
      weight[0][0][1][1] = 1;
      if (first) bias[1] = 1;
      if (!first) weight[1][1][1][1] = 1;
      const std::string name = fmt::format("net.slice{}.{}", slice + 1, index);
      file.tensors.emplace_back(name + ".weight", weight);
      file.tensors.emplace_back(name + ".bias", bias);
    }
    const auto tap = static_cast<float>(slice);
    file.tensors.emplace_back(fmt::format("lin{}.model.1.weight", slice),
                              torch::tensor({1 + tap, 10 + tap}).view({1, 2, 1, 1}));
  }
  return file;
}

}  // namespace pocketstyle::testing
