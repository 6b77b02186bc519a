// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/bench/stylize.h"

#include "pocketstyle/core/cpu.h"
#include "pocketstyle/export/runtime.h"
#include "pocketstyle/media/onnx.h"

#include <torch/torch.h>

#include <functional>

namespace pocketstyle::bench {
namespace {

struct LoadedForTiming {
  exporting::LoadedFile file;
  double load_ms = 0;
};

LoadedForTiming load(const std::filesystem::path& path) {
  LoadedForTiming loaded;
  loaded.load_ms = time_in_turns({[&] { loaded.file = exporting::load_file(path); }}, 0, 3).front().median_ms;
  return loaded;
}

}  // namespace

std::vector<StylizeTime> time_stylize(const StylizeBench& bench) {
  const torch::NoGradGuard no_grad;
  std::vector<LoadedForTiming> loaded;
  for (const auto& path : bench.files) loaded.push_back(load(path));

  std::vector<StylizeTime> times;
  for (const std::int64_t threads : bench.threads) {
    torch::set_num_threads(static_cast<int>(threads));
    set_blas_threads(static_cast<int>(threads));
    media::set_threads(static_cast<int>(threads));
    for (const auto& [height, width] : bench.sizes_hw) {
      const torch::Tensor picture = torch::rand({1, 3, height, width});
      std::vector<std::function<void()>> calls;
      const std::size_t first = times.size();
      for (std::size_t i = 0; i < loaded.size(); ++i)
        for (const exporting::Runtime& runtime : loaded[i].file.runtimes) {
          calls.emplace_back([&runtime, &picture] { runtime.run(picture); });
          times.push_back({.file = bench.files[i].string(),
                           .runtime = runtime.name,
                           .bytes = static_cast<std::int64_t>(loaded[i].file.description.bytes),
                           .load_ms = loaded[i].load_ms,
                           .height = height,
                           .width = width,
                           .threads = threads,
                           .latency = {}});
        }
      const std::vector<results::Latency> latencies = time_in_turns(calls, bench.warm_ups, bench.repeats);
      for (std::size_t i = 0; i < latencies.size(); ++i) times[first + i].latency = latencies[i];
    }
  }
  return times;
}

}  // namespace pocketstyle::bench
