// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/bench/timing.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace pocketstyle::bench {

/// One file in one runtime at one size.
struct StylizeTime {
  std::string file, runtime;
  std::int64_t bytes = 0;
  double load_ms = 0;  ///< time to read, check and load the file, median of 3
  std::int64_t height = 0, width = 0, threads = 0;
  results::Latency latency;  ///< of one picture, float input and output
};

struct StylizeBench {
  std::vector<std::filesystem::path> files;
  std::vector<std::pair<std::int64_t, std::int64_t>> sizes_hw{{256, 256}, {512, 512}};
  std::vector<std::int64_t> threads{1};
  int warm_ups = 2, repeats = 15;
};

/// Times every file in every runtime of this build that can run it; at each size and thread count they take turns.
/// LibTorch keeps the last thread count. Throws what load_file throws, and RuntimeFailure if a picture cannot be
/// stylised.
std::vector<StylizeTime> time_stylize(const StylizeBench& bench);

}  // namespace pocketstyle::bench
