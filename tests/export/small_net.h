// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/nn/weights.h"
#include "pocketstyle/run/metadata.h"

#include <torch/torch.h>

namespace pocketstyle::testing {

inline const config::Architecture kSmall{5, {4, 6, 8}, config::BlockKind::bottleneck, 2, 4};

/// A network as if trained: no gamma is left at zero, so that every branch shows.
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
