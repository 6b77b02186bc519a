// SPDX-License-Identifier: Apache-2.0
#include "cli/bench.h"
#include "cli/options.h"

#include "pocketstyle/bench/ops.h"
#include "pocketstyle/bench/train.h"
#include "pocketstyle/config/load.h"
#include "pocketstyle/core/cpu.h"
#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"
#include "pocketstyle/workflows/threads.h"

#include <nlohmann/json.hpp>

#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace pocketstyle::cli {
namespace {

struct BenchTrainArguments {
  std::string config;
  std::vector<std::string> overrides;
  bench::TrainBench bench;
  bool json = false;
};

void run_train_bench(const BenchTrainArguments& arguments) {
  bench::TrainBench bench = arguments.bench;
  bench.config = config::load_config(arguments.config, arguments.overrides);
  workflows::set_threads(bench.config.run.threads);
  const auto times = bench::time_training(bench);
  std::map<std::string, double> peaks;
  for (const bench::FloatType type : bench::float_types_here())
    peaks[to_string(type)] = bench::convolution_peak_gflops(type);
  const auto share = [&](const bench::TrainTime& time) {
    return peaks.contains(time.precision) ? time.gflops() / peaks.at(time.precision) : 0.0;
  };
  if (arguments.json) {
    nlohmann::ordered_json json{{"network", config::describe(bench.config.net.architecture())},
                                {"batch", bench.config.train.batch},
                                {"crop", bench.config.data.crop},
                                {"threads", workflows::threads_in_use()},
                                {"allocator", allocator()},
                                {"warm_ups", bench.warm_ups},
                                {"repeats", bench.repeats},
                                {"convolution_peak_gflops", peaks},
                                {"peak_memory_bytes", peak_memory_bytes()},
                                {"loops", nlohmann::ordered_json::array()}};
    for (const auto& time : times)
      json["loops"].push_back({{"loop", time.loop},
                               {"images_per_s", time.images_per_s()},
                               {"step_ms_median", time.step.median_ms},
                               {"step_ms_p90", time.step.p90_ms},
                               {"step_ms_min", time.step.min_ms},
                               {"page_faults", time.page_faults},
                               {"system_seconds", time.system_seconds},
                               {"gflop_per_image", time.gflop_per_image},
                               {"gflops", time.gflops()},
                               {"share_of_peak", share(time)},
                               {"loss_first", time.loss_first},
                               {"loss_last", time.loss_last},
                               {"seconds",
                                {{"data", time.phases.data},
                                 {"forward", time.phases.forward},
                                 {"loss", time.phases.loss},
                                 {"backward", time.phases.backward},
                                 {"optimiser", time.phases.optimiser}}}});
    std::cout << json.dump(2) << "\n";
    return;
  }
  std::cout << fmt::format("{}, batch {}, crop {}, {} threads; {} steps each, in turn\n",
                           config::describe(bench.config.net.architecture()), bench.config.train.batch,
                           bench.config.data.crop, workflows::threads_in_use(), bench.repeats);
  constexpr const char* kRow = "{:<17}{:>9}{:>11}{:>10}{:>10}{:>10}{:>9}{:>7}{:>9}{:>6}{:>10}{:>10}{:>11}{:>13}\n";
  std::cout << fmt::format(kRow, "loop", "images/s", "median ms", "p90 ms", "min ms", "GFLOP/s", "of peak", "data",
                           "forward", "loss", "backward", "optimiser", "system ms", "page faults");
  for (const auto& time : times) {
    const auto percent = [&](double part) { return fmt::format("{:.0f}%", 100 * part / time.phases.total()); };
    const bool counted = time.gflop_per_image > 0;
    std::cout << fmt::format(
        kRow, time.loop, fmt::format("{:.2f}", time.images_per_s()), fmt::format("{:.0f}", time.step.median_ms),
        fmt::format("{:.0f}", time.step.p90_ms), fmt::format("{:.0f}", time.step.min_ms),
        counted ? fmt::format("{:.0f}", time.gflops()) : "-", counted ? fmt::format("{:.0f}%", 100 * share(time)) : "-",
        percent(time.phases.data), percent(time.phases.forward), percent(time.phases.loss),
        percent(time.phases.backward), percent(time.phases.optimiser),
        fmt::format("{:.0f}", 1000 * time.system_seconds), fmt::format("{:.0f}", time.page_faults));
  }
  for (const auto& [type, peak] : peaks)
    std::cout << fmt::format("convolution peak in {}: {:.0f} GFLOP/s\n", type, peak);
  if (times.back().loop == "textbook")
    for (std::size_t i = 0; i + 1 < times.size(); ++i)
      std::cout << fmt::format("{}: {:.2f} times the textbook loop\n", times[i].loop,
                               times.back().step.median_ms / times[i].step.median_ms);
  std::cout << "peak memory of the process: " << human_bytes(static_cast<double>(peak_memory_bytes())) << "\n";
}

}  // namespace

void add_bench_train(CLI::App& bench) {
  auto arguments = std::make_shared<BenchTrainArguments>();
  CLI::App* command = bench.add_subcommand("train", "Time training steps, beside the loop as people write it");
  command->add_option("config", arguments->config, "YAML file")->required();
  add_overrides(*command, arguments->overrides, "Replace one key: --set train.batch=8 (may be repeated)");
  command->add_flag("--baseline", arguments->bench.baseline, "The textbook loop too, in turn with ours");
  command->add_flag("--both", arguments->bench.both_precisions, "fp32 beside bf16");
  command->add_option("--repeats", arguments->bench.repeats, "Steps timed each")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();
  command->add_flag("--json", arguments->json, "As JSON, for programs");
  command->footer(
      "Nothing is written. The textbook loop: NCHW, fp32, VGG-16 up to relu4_3 for the photos too, the style "
      "picture's\n"
      "features anew each step, autograd, the C library's own allocator settings.\n"
      "Example:\n"
      "  pocketstyle bench train configs/starry_night.yaml --set net.preset=original --baseline --both");
  command->callback([arguments] { run_train_bench(*arguments); });
}

}  // namespace pocketstyle::cli
