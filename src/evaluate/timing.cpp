// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/evaluate/timing.h"

#include "pocketstyle/media/onnx.h"

#include <torch/torch.h>

#include <algorithm>
#include <array>
#include <chrono>

namespace pocketstyle::evaluate {
namespace {

double ms_of(const std::function<void()>& call) {
  const auto start = std::chrono::steady_clock::now();
  call();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

struct LoadedForTiming {
  exporting::LoadedFile file;
  double load_ms = 0;
};

LoadedForTiming load(const std::filesystem::path& path) {
  LoadedForTiming loaded;
  std::array<double, 3> ms{};
  for (double& one : ms) one = ms_of([&] { loaded.file = exporting::load_file(path); });
  std::sort(ms.begin(), ms.end());
  loaded.load_ms = ms[1];
  return loaded;
}

}  // namespace

std::vector<Latency> time_in_turns(const std::vector<std::function<void()>>& calls, int warm_ups, int repeats) {
  std::vector<std::vector<double>> ms(calls.size());
  for (int round = 0; round < warm_ups + repeats; ++round)
    for (std::size_t i = 0; i < calls.size(); ++i) {
      const double one = ms_of(calls[i]);
      if (round >= warm_ups) ms[i].push_back(one);
    }
  std::vector<Latency> latencies;
  for (std::vector<double>& one : ms) {
    std::sort(one.begin(), one.end());
    latencies.push_back({.median_ms = one[one.size() / 2], .p90_ms = one[one.size() * 9 / 10], .min_ms = one.front()});
  }
  return latencies;
}

std::vector<StylizeTime> time_stylize(const StylizeBench& bench) {
  const torch::NoGradGuard no_grad;
  std::vector<LoadedForTiming> loaded;
  for (const auto& path : bench.files) loaded.push_back(load(path));

  std::vector<StylizeTime> times;
  for (const std::int64_t threads : bench.threads) {
    torch::set_num_threads(static_cast<int>(threads));
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
      const std::vector<Latency> latencies = time_in_turns(calls, bench.warm_ups, bench.repeats);
      for (std::size_t i = 0; i < latencies.size(); ++i) times[first + i].latency = latencies[i];
    }
  }
  return times;
}

}  // namespace pocketstyle::evaluate
