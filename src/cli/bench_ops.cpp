// SPDX-License-Identifier: Apache-2.0
#include "cli/bench.h"
#include "cli/options.h"

#include "pocketstyle/bench/ops.h"
#include "pocketstyle/core/error.h"
#include "pocketstyle/core/json_text.h"
#include "pocketstyle/workflows/threads.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace pocketstyle::cli {
namespace {

struct OpsArguments {
  std::string preset = "bottleneck";
  std::int64_t size = 256, batch = 4;
  int threads = 0, repeats = 5;
  bool json = false;
};

/// One line of the table: a convolution in one way. A pass that has no time was not measured.
struct OpsRow {
  bench::ConvShape shape;
  const char* way;
  double gflop;
  std::optional<double> forward_ms, input_gradient_ms, weight_gradient_ms;
};

std::vector<OpsRow> time_ways(const bench::ConvShape& shape, const OpsArguments& arguments) {
  const double gflop = 2 * shape.macs(arguments.batch) / 1e9;
  const auto clock = workflows::threads_in_use() == 1 ? bench::Clock::processor : bench::Clock::wall;
  std::vector<OpsRow> rows;
  for (const bench::FloatType type : bench::float_types_here()) {
    const bench::ConvTime time = bench::time_conv(shape, arguments.batch, type, arguments.repeats, clock);
    rows.push_back({shape, to_string(type), gflop, time.forward.median_ms, time.input_gradient.median_ms,
                    time.weight_gradient.median_ms});
  }
  if (const auto time = bench::time_winograd(shape, arguments.batch, arguments.repeats, clock))
    rows.push_back({shape, "winograd", gflop, time->forward.median_ms, time->input_gradient.median_ms, {}});
  return rows;
}

nlohmann::ordered_json to_json(const OpsRow& row) {
  nlohmann::ordered_json json{{"convolution", row.shape.name},
                              {"in", row.shape.in},
                              {"out", row.shape.out},
                              {"kernel", {row.shape.kernel_height, row.shape.kernel_width}},
                              {"stride", row.shape.stride},
                              {"side", row.shape.side},
                              {"type", row.way},
                              {"gflop", row.gflop}};
  const auto add = [&](const char* name, const std::optional<double>& ms) {
    if (ms) json[name] = *ms;
  };
  add("forward_ms_median", row.forward_ms);
  add("input_gradient_ms_median", row.input_gradient_ms);
  add("weight_gradient_ms_median", row.weight_gradient_ms);
  return json;
}

void run_ops_bench(const OpsArguments& arguments) {
  workflows::set_threads(arguments.threads);
  auto shapes = bench::vgg_convs(arguments.size);
  for (auto& shape : bench::net_convs(config::find_preset(arguments.preset).architecture, arguments.size))
    shapes.push_back(shape);
  nlohmann::ordered_json json = nlohmann::ordered_json::array();
  constexpr const char* kRow = "{:<18}{:>11}{:>8}{:>7}{:>10}{:>16}{:>16}{:>16}\n";
  if (!arguments.json) {
    std::cout << fmt::format(
        "batch {}, {} threads, channels-last; median ms (GFLOP/s, by the products of the direct way)\n",
        arguments.batch, workflows::threads_in_use());
    std::cout << fmt::format(kRow, "convolution", "channels", "kernel", "side", "type", "forward", "input gradient",
                             "weights'");
  }
  for (const auto& shape : shapes)
    for (const OpsRow& row : time_ways(shape, arguments)) {
      if (arguments.json) {
        json.push_back(to_json(row));
        continue;
      }
      const auto cell = [&](const std::optional<double>& ms) {
        return ms ? fmt::format("{:.1f} ({:.0f})", *ms, 1000 * row.gflop / *ms) : "-";
      };
      std::cout << fmt::format(kRow, shape.name, fmt::format("{}>{}", shape.in, shape.out),
                               fmt::format("{}x{}", shape.kernel_height, shape.kernel_width), shape.side, row.way,
                               cell(row.forward_ms), cell(row.input_gradient_ms), cell(row.weight_gradient_ms))
                << std::flush;
    }
  if (arguments.json) std::cout << json_text(json, 2) << "\n";
}

}  // namespace

void add_bench_ops(CLI::App& bench) {
  auto arguments = std::make_shared<OpsArguments>();
  CLI::App* command =
      bench.add_subcommand("ops", "Time every convolution of VGG-16 and a network, forward and backward");
  command->add_option("preset", arguments->preset, "Network preset")->capture_default_str();
  command->add_option("--size", arguments->size, "Side of the pictures, a multiple of 8")
      ->check(CLI::Range(16, 4096))
      ->capture_default_str();
  command->add_option("--batch", arguments->batch, "Pictures per batch")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  command->add_option("--threads", arguments->threads, "CPU threads; default: one per core")
      ->check(CLI::Range(1, 1024));
  command->add_option("--repeats", arguments->repeats, "Timed calls of each")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();
  command->add_flag("--json", arguments->json, "Print JSON");
  command->footer("Example:\n  pocketstyle bench ops mini --size 128 --threads 1");
  command->callback([arguments] { run_ops_bench(*arguments); });
}

}  // namespace pocketstyle::cli
