// SPDX-License-Identifier: Apache-2.0
#include "cli/bench.h"
#include "cli/options.h"
#include "cli/output.h"

#include "pocketstyle/bench/stylize.h"
#include "pocketstyle/core/cpu.h"
#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"
#include "pocketstyle/core/json_text.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

namespace pocketstyle::cli {
namespace {

struct BenchStylizeArguments {
  std::vector<std::string> files, sizes{"256x256", "512x512"};
  bench::StylizeBench bench;
  bool json = false;
};

void print_stylize_json(const std::vector<bench::StylizeTime>& times, const BenchStylizeArguments& arguments) {
  nlohmann::ordered_json json{{"allocator", allocator()},
                              {"warm_ups", arguments.bench.warm_ups},
                              {"repeats", arguments.bench.repeats},
                              {"times", nlohmann::ordered_json::array()}};
  for (const auto& time : times)
    json["times"].push_back({{"file", time.file},
                             {"runtime", time.runtime},
                             {"bytes", time.bytes},
                             {"load_ms", time.load_ms},
                             {"height", time.height},
                             {"width", time.width},
                             {"threads", time.threads},
                             {"latency_ms_median", time.latency.median_ms},
                             {"latency_ms_p90", time.latency.p90_ms},
                             {"latency_ms_min", time.latency.min_ms}});
  std::cout << json_text(json, 2) << "\n";
}

void print_stylize_table(const std::vector<bench::StylizeTime>& times) {
  std::size_t width = std::string("file").size();
  for (const auto& time : times) width = std::max(width, time.file.size());
  constexpr const char* kRow = "{:<{}}  {:<16}  {:>10}  {:>9}  {:>9}  {:>7}  {:>9}  {:>9}  {:>9}\n";
  std::cout << fmt::format(kRow, "file", width, "runtime", "size", "load ms", "picture", "threads", "median ms",
                           "p90 ms", "min ms");
  for (const auto& time : times)
    std::cout << fmt::format(kRow, time.file, width, time.runtime, human_bytes(static_cast<double>(time.bytes)),
                             fmt::format("{:.1f}", time.load_ms), fmt::format("{}x{}", time.height, time.width),
                             time.threads, fmt::format("{:.1f}", time.latency.median_ms),
                             fmt::format("{:.1f}", time.latency.p90_ms), fmt::format("{:.1f}", time.latency.min_ms));
}

void run_stylize_bench(const BenchStylizeArguments& arguments) {
  bench::StylizeBench bench = arguments.bench;
  bench.files.assign(arguments.files.begin(), arguments.files.end());
  bench.sizes_hw.clear();
  for (const std::string& size : arguments.sizes) bench.sizes_hw.push_back(parse_size(size, "--size"));
  const auto times = bench::time_stylize(bench);
  if (arguments.json)
    print_stylize_json(times, arguments);
  else
    print_stylize_table(times);
}

}  // namespace

void add_bench_stylize(CLI::App& bench) {
  auto arguments = std::make_shared<BenchStylizeArguments>();
  CLI::App* command = bench.add_subcommand("stylize", "Time networks and exported files, taking turns");
  command->add_option("files", arguments->files, "Run folders, weights, .pt, .ptl or .onnx files")->required();
  add_list(*command, "--size", arguments->sizes, "Picture sizes, height x width, separated by commas");
  add_list(*command, "--threads", arguments->bench.threads, "Numbers of CPU threads, separated by commas")
      ->check(CLI::Range(1, 1024));
  command->add_option("--repeats", arguments->bench.repeats, "Timed pictures per file")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();
  command->add_flag("--json", arguments->json, "Print JSON");
  command->footer(
      "Median, 90th percentile and minimum over the repeats; files take turns, so ratios are valid even on a busy "
      "machine.\n"
      "Examples:\n"
      "  pocketstyle bench stylize out/wave.ptl out/wave.pt out/wave.onnx\n"
      "  pocketstyle bench stylize runs/original runs/mini --size 256,1080x1920 --threads 1,2 --json");
  command->callback([arguments] { run_stylize_bench(*arguments); });
}

}  // namespace pocketstyle::cli
