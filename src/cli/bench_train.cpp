// SPDX-License-Identifier: Apache-2.0
#include "cli/bench.h"
#include "cli/options.h"

#include "pocketstyle/bench/ops.h"
#include "pocketstyle/bench/train.h"
#include "pocketstyle/config/load.h"
#include "pocketstyle/core/cpu.h"
#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"
#include "pocketstyle/core/json_text.h"
#include "pocketstyle/run/phase_seconds.h"
#include "pocketstyle/workflows/threads.h"

#include <nlohmann/json.hpp>

#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace pocketstyle::cli {
namespace {

struct BenchTrainArguments {
  std::string config;
  std::vector<std::string> overrides;
  bench::TrainBench bench;
  bool json = false;
};

/// Calls visit(name, seconds) for each phase, without those that need several processes: this is one.
template <class Visit>
void visit_phases(const run::PhaseSeconds& phases, const Visit& visit) {
  for (const run::PhaseSeconds::Row& row : run::PhaseSeconds::rows())
    if (!row.optional) visit(row.name, phases.*row.seconds);
}

nlohmann::ordered_json phases_json(const run::PhaseSeconds& phases) {
  nlohmann::ordered_json json;
  visit_phases(phases, [&](const char* name, double seconds) { json[name] = seconds; });
  return json;
}

/// A cell for each phase, as wide as its name; `text(name, seconds)` fills it.
template <class Text>
std::string phase_cells(const run::PhaseSeconds& phases, const Text& text) {
  std::string cells;
  visit_phases(phases, [&](const char* name, double seconds) {
    cells += fmt::format("{:>{}}", text(name, seconds), std::string_view(name).size() + 2);
  });
  return cells;
}

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
                               {"cpu_seconds", time.cpu_seconds},
                               {"page_faults", time.page_faults},
                               {"system_seconds", time.system_seconds},
                               {"gflop_per_image", time.gflop_per_image},
                               {"gflops", time.gflops()},
                               {"share_of_peak", share(time)},
                               {"loss_first", time.loss_first},
                               {"loss_last", time.loss_last},
                               {"seconds", phases_json(time.phases)}});
    std::cout << json_text(json, 2) << "\n";
    return;
  }
  std::cout << fmt::format("{}, batch {}, crop {}, {} threads; {} steps each, taking turns\n",
                           config::describe(bench.config.net.architecture()), bench.config.train.batch,
                           bench.config.data.crop, workflows::threads_in_use(), bench.repeats);
  constexpr const char* kRow = "{:<17}{:>9}{:>11}{:>10}{:>10}{:>10}{:>9}{}{:>8}{:>11}{:>13}\n";
  std::cout << fmt::format(kRow, "loop", "images/s", "median ms", "p90 ms", "min ms", "GFLOP/s", "of peak",
                           phase_cells({}, [](const char* name, double) { return name; }), "cpu ms", "system ms",
                           "page faults");
  for (const auto& time : times) {
    const auto percent = [total = time.phases.total()](const char*, double seconds) {
      return fmt::format("{:.0f}%", 100 * seconds / total);
    };
    const bool counted = time.gflop_per_image > 0;
    std::cout << fmt::format(
        kRow, time.loop, fmt::format("{:.2f}", time.images_per_s()), fmt::format("{:.0f}", time.step.median_ms),
        fmt::format("{:.0f}", time.step.p90_ms), fmt::format("{:.0f}", time.step.min_ms),
        counted ? fmt::format("{:.0f}", time.gflops()) : "-", counted ? fmt::format("{:.0f}%", 100 * share(time)) : "-",
        phase_cells(time.phases, percent), fmt::format("{:.0f}", 1000 * time.cpu_seconds),
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
  CLI::App* command = bench.add_subcommand("train", "Time training steps and compare with a textbook training loop");
  command->add_option("config", arguments->config, "YAML file")->required();
  add_overrides(*command, arguments->overrides, "Override a key: --set train.batch=8 (repeatable)");
  command->add_flag("--baseline", arguments->bench.baseline,
                    "Also time the textbook loop, taking turns, both with plain Adam");
  command->add_flag("--both", arguments->bench.both_precisions, "Time fp32 in addition to bf16");
  command->add_flag("--direct", arguments->bench.direct, "Also time fp32 without Winograd's method");
  command->add_option("--repeats", arguments->bench.repeats, "Timed steps per loop")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();
  command->add_flag("--json", arguments->json, "Print JSON");
  command->footer(
      "No files are written. The textbook loop: NCHW, fp32, VGG-16 up to relu4_3 for the photos too, style "
      "picture's\n"
      "features recomputed in each step, autograd, the C library's default allocator settings.\n"
      "Example:\n"
      "  pocketstyle bench train configs/starry_night.yaml --set net.preset=original --baseline --both");
  command->callback([arguments] { run_train_bench(*arguments); });
}

}  // namespace pocketstyle::cli
