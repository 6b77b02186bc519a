// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/evaluate/evaluate.h"

#include <CLI/CLI.hpp>

#include <vector>

namespace pocketstyle::cli {

/// The options of what `evaluate` and `report --compare` measure only when asked to; returns them.
inline std::vector<CLI::Option*> add_measures(CLI::App& command, evaluate::Options& options) {
  return {command
              .add_option("--nima", options.nima,
                          "TorchScript or ONNX network that rates pictures: [1, 3, 224, 224] to ten bins")
              ->check(CLI::ExistingFile),
          command
              .add_option("--lpips", options.lpips,
                          "State dict of lpips.LPIPS(net='vgg') as safetensors, to measure LPIPS with")
              ->check(CLI::ExistingFile),
          command
              .add_option("--optimize", options.optimizing,
                          "Also optimise a picture for each photo, in so many evaluations, and measure how far the "
                          "networks are from its loss; 120 take minutes for each photo")
              ->check(CLI::Range(1, 1'000'000))};
}

}  // namespace pocketstyle::cli
