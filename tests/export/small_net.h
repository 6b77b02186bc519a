// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/nn/weights.h"
#include "pocketstyle/run/metadata.h"

#include <torch/torch.h>

#include <vector>

namespace pocketstyle::testing {

inline const config::Architecture kSmall{5, {4, 6, 8}, config::BlockKind::bottleneck, 2, 4};

/// Every kind of block, odd kernels from 1 to 9, none to three blocks, and no layers at full size.
inline const std::vector<config::Architecture>& every_kind() {
  static const std::vector<config::Architecture> all{kSmall,
                                                     {9, {4, 5, 6}, config::BlockKind::residual, 1, 0},
                                                     {1, {3, 4, 5}, config::BlockKind::residual, 0, 0},
                                                     {3, {2, 2, 2}, config::BlockKind::bottleneck, 3, 5},
                                                     {3, {3, 4, 5}, config::BlockKind::separable, 2, 6},
                                                     {7, {0, 4, 6}, config::BlockKind::bottleneck, 2, 4}};
  return all;
}

/// A network with no gamma at zero, as after training, so that every branch has an effect.
inline nn::LoadedNet small_net(const config::Architecture& architecture = kSmall) {
  torch::manual_seed(3);
  const torch::NoGradGuard no_grad;
  nn::LoadedNet loaded;
  loaded.net = nn::StyleNet(architecture);
  for (auto& parameter : loaded.net->named_parameters())
    if (parameter.key().find("in") != std::string::npos && parameter.key().find("conv2d") == std::string::npos)
      parameter.value().copy_(torch::rand_like(parameter.value()) + 0.3);
  for (auto& parameter : loaded.net->parameters()) parameter.set_requires_grad(false);
  loaded.net->eval();
  loaded.metadata[run::kProvenanceKey] = R"({"style":"wave.jpg","steps":7})";
  return loaded;
}

}  // namespace pocketstyle::testing
