// SPDX-License-Identifier: Apache-2.0
#include "cli/bench.h"
#include "cli/options.h"

#include "pocketstyle/bench/ops.h"
#include "pocketstyle/core/error.h"
#include "pocketstyle/workflows/threads.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <iostream>
#include <memory>
#include <string>

namespace pocketstyle::cli {
namespace {

struct OpsArguments {
  std::string preset = "bottleneck";
  std::int64_t size = 256, batch = 4;
  int threads = 0, repeats = 5;
  bool json = false;
};

void run_ops_bench(const OpsArguments& arguments) {
  workflows::set_threads(arguments.threads);
  auto shapes = bench::vgg_convs(arguments.size);
  for (auto& shape : bench::net_convs(config::find_preset(arguments.preset).architecture, arguments.size))
    shapes.push_back(shape);
  nlohmann::ordered_json json = nlohmann::ordered_json::array();
  constexpr const char* kRow = "{:<18}{:>11}{:>8}{:>7}{:>6}{:>16}{:>16}{:>16}\n";
  if (!arguments.json) {
    std::cout << fmt::format("batch {}, {} threads, channels-last; median ms (GFLOP/s)\n", arguments.batch,
                             workflows::threads_in_use());
    std::cout << fmt::format(kRow, "convolution", "channels", "kernel", "side", "type", "forward", "input gradient",
                             "weights'");
  }
  for (const auto& shape : shapes)
    for (const bench::FloatType type : bench::float_types_here()) {
      const bench::ConvTime time = bench::time_conv(shape, arguments.batch, type, arguments.repeats);
      const double gflop = 2 * shape.macs(arguments.batch) / 1e9;
      if (arguments.json) {
        json.push_back({{"convolution", shape.name},
                        {"in", shape.in},
                        {"out", shape.out},
                        {"kernel", {shape.kernel_height, shape.kernel_width}},
                        {"stride", shape.stride},
                        {"side", shape.side},
                        {"type", to_string(type)},
                        {"gflop", gflop},
                        {"forward_ms_median", time.forward.median_ms},
                        {"input_gradient_ms_median", time.input_gradient.median_ms},
                        {"weight_gradient_ms_median", time.weight_gradient.median_ms}});
        continue;
      }
      const auto cell = [&](const results::Latency& pass) {
        return fmt::format("{:.1f} ({:.0f})", pass.median_ms, 1000 * gflop / pass.median_ms);
      };
      std::cout << fmt::format(kRow, shape.name, fmt::format("{}>{}", shape.in, shape.out),
                               fmt::format("{}x{}", shape.kernel_height, shape.kernel_width), shape.side,
                               to_string(type), cell(time.forward), cell(time.input_gradient),
                               cell(time.weight_gradient))
                << std::flush;
    }
  if (arguments.json) std::cout << json.dump(2) << "\n";
}

}  // namespace

void add_bench_ops(CLI::App& bench) {
  auto arguments = std::make_shared<OpsArguments>();
  CLI::App* command =
      bench.add_subcommand("ops", "Time every convolution of VGG-16 and a network, forward and backward");
  command->add_option("preset", arguments->preset, "Which network")->capture_default_str();
  command->add_option("--size", arguments->size, "Side of the pictures, a multiple of 8")
      ->check(CLI::Range(16, 4096))
      ->capture_default_str();
  command->add_option("--batch", arguments->batch, "Pictures at once")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  command->add_option("--threads", arguments->threads, "CPU threads; default: one a core")->check(CLI::Range(1, 1024));
  command->add_option("--repeats", arguments->repeats, "Calls timed each")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();
  command->add_flag("--json", arguments->json, "As JSON, for programs");
  command->footer("Example:\n  pocketstyle bench ops mini --size 128 --threads 1");
  command->callback([arguments] { run_ops_bench(*arguments); });
}

}  // namespace pocketstyle::cli
