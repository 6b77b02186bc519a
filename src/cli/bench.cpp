// SPDX-License-Identifier: Apache-2.0
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/output.h"

#include "pocketstyle/bench/ops.h"
#include "pocketstyle/bench/stylize.h"
#include "pocketstyle/bench/train.h"
#include "pocketstyle/config/load.h"
#include "pocketstyle/core/cpu.h"
#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace pocketstyle::cli {
namespace {

struct StylizeArguments {
  std::vector<std::string> files, sizes{"256x256", "512x512"};
  bench::StylizeBench bench;
  bool json = false;
};

void print_stylize_json(const std::vector<bench::StylizeTime>& times, const StylizeArguments& arguments) {
  nlohmann::ordered_json json{{"warm_ups", arguments.bench.warm_ups},
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
  std::cout << json.dump(2) << "\n";
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

void run_stylize_bench(const StylizeArguments& arguments) {
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

const char* name_of(torch::ScalarType type) {
  return type == torch::kBFloat16 ? "bf16" : "fp32";
}

/// fp32, and bf16 where the processor has it.
std::vector<torch::ScalarType> types_here() {
  if (cpu_has_bfloat16()) return {torch::kFloat32, torch::kBFloat16};
  return {torch::kFloat32};
}

struct TrainArguments {
  std::string config;
  std::vector<std::string> overrides;
  bench::TrainBench bench;
  bool json = false;
};

void run_train_bench(const TrainArguments& arguments) {
  bench::TrainBench bench = arguments.bench;
  bench.config = config::load_config(arguments.config, arguments.overrides);
  set_threads(bench.config.run.threads);
  const auto times = bench::time_training(bench);
  std::map<std::string, double> peaks;
  for (const torch::ScalarType type : types_here()) peaks[name_of(type)] = bench::convolution_peak_gflops(type);
  const auto share = [&](const bench::TrainTime& time) {
    return peaks.contains(time.precision) ? time.gflops() / peaks.at(time.precision) : 0.0;
  };
  if (arguments.json) {
    nlohmann::ordered_json json{{"network", config::describe(bench.config.net.family())},
                                {"batch", bench.config.train.batch},
                                {"crop", bench.config.data.crop},
                                {"threads", torch::get_num_threads()},
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
                           config::describe(bench.config.net.family()), bench.config.train.batch,
                           bench.config.data.crop, torch::get_num_threads(), bench.repeats);
  constexpr const char* kRow = "{:<17}{:>9}{:>11}{:>10}{:>10}{:>10}{:>9}{:>7}{:>9}{:>6}{:>10}{:>10}\n";
  std::cout << fmt::format(kRow, "loop", "images/s", "median ms", "p90 ms", "min ms", "GFLOP/s", "of peak", "data",
                           "forward", "loss", "backward", "optimiser");
  for (const auto& time : times) {
    const auto percent = [&](double part) { return fmt::format("{:.0f}%", 100 * part / time.phases.total()); };
    const bool counted = time.gflop_per_image > 0;
    std::cout << fmt::format(
        kRow, time.loop, fmt::format("{:.2f}", time.images_per_s()), fmt::format("{:.0f}", time.step.median_ms),
        fmt::format("{:.0f}", time.step.p90_ms), fmt::format("{:.0f}", time.step.min_ms),
        counted ? fmt::format("{:.0f}", time.gflops()) : "-", counted ? fmt::format("{:.0f}%", 100 * share(time)) : "-",
        percent(time.phases.data), percent(time.phases.forward), percent(time.phases.loss),
        percent(time.phases.backward), percent(time.phases.optimiser));
  }
  for (const auto& [type, peak] : peaks)
    std::cout << fmt::format("convolution peak in {}: {:.0f} GFLOP/s\n", type, peak);
  if (times.back().loop == "textbook")
    for (std::size_t i = 0; i + 1 < times.size(); ++i)
      std::cout << fmt::format("{}: {:.2f} times the textbook loop\n", times[i].loop,
                               times.back().step.median_ms / times[i].step.median_ms);
  std::cout << "peak memory of the process: " << human_bytes(static_cast<double>(peak_memory_bytes())) << "\n";
}

struct OpsArguments {
  std::string preset = "bottleneck";
  std::int64_t size = 256, batch = 4;
  int threads = 0, repeats = 5;
  bool json = false;
};

void run_ops_bench(const OpsArguments& arguments) {
  set_threads(arguments.threads);
  auto shapes = bench::vgg_convs(arguments.size);
  for (auto& shape : bench::net_convs(config::find_preset(arguments.preset).family, arguments.size))
    shapes.push_back(shape);
  nlohmann::ordered_json json = nlohmann::ordered_json::array();
  constexpr const char* kRow = "{:<18}{:>11}{:>8}{:>7}{:>6}{:>16}{:>16}{:>16}\n";
  if (!arguments.json) {
    std::cout << fmt::format("batch {}, {} threads, channels-last; median ms (GFLOP/s)\n", arguments.batch,
                             torch::get_num_threads());
    std::cout << fmt::format(kRow, "convolution", "channels", "kernel", "side", "type", "forward", "input gradient",
                             "weights'");
  }
  for (const auto& shape : shapes)
    for (const torch::ScalarType type : types_here()) {
      const bench::ConvTime time = bench::time_conv(shape, arguments.batch, type, arguments.repeats);
      const double gflop = 2 * shape.macs(arguments.batch) / 1e9;
      if (arguments.json) {
        json.push_back({{"convolution", shape.name},
                        {"in", shape.in},
                        {"out", shape.out},
                        {"kernel", {shape.kernel_height, shape.kernel_width}},
                        {"stride", shape.stride},
                        {"side", shape.side},
                        {"type", name_of(type)},
                        {"gflop", gflop},
                        {"forward_ms_median", time.forward.median_ms},
                        {"input_gradient_ms_median", time.input_gradient.median_ms},
                        {"weight_gradient_ms_median", time.weight_gradient.median_ms}});
        continue;
      }
      const auto cell = [&](const bench::Latency& pass) {
        return fmt::format("{:.1f} ({:.0f})", pass.median_ms, 1000 * gflop / pass.median_ms);
      };
      std::cout << fmt::format(kRow, shape.name, fmt::format("{}>{}", shape.in, shape.out),
                               fmt::format("{}x{}", shape.kernel_height, shape.kernel_width), shape.side, name_of(type),
                               cell(time.forward), cell(time.input_gradient), cell(time.weight_gradient))
                << std::flush;
    }
  if (arguments.json) std::cout << json.dump(2) << "\n";
}

void add_bench_train(CLI::App& bench) {
  auto arguments = std::make_shared<TrainArguments>();
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

void add_bench_stylize(CLI::App& bench) {
  auto arguments = std::make_shared<StylizeArguments>();
  CLI::App* command = bench.add_subcommand("stylize", "Time networks and exported files, all in turn");
  command->add_option("files", arguments->files, "Run folders, weights, .pt, .ptl or .onnx files")->required();
  command->add_option("--size", arguments->sizes, "Picture sizes, height x width; several with commas")
      ->delimiter(',')
      ->take_all()
      ->allow_extra_args(false)
      ->capture_default_str();
  command->add_option("--threads", arguments->bench.threads, "CPU threads; several with commas")
      ->delimiter(',')
      ->take_all()
      ->allow_extra_args(false)
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  command->add_option("--repeats", arguments->bench.repeats, "Pictures timed each")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();
  command->add_flag("--json", arguments->json, "As JSON, for programs");
  command->footer(
      "Median, 90th percentile and minimum over the repeats; the files take turns, so ratios hold on a busy machine.\n"
      "Examples:\n"
      "  pocketstyle bench stylize out/wave.ptl out/wave.pt out/wave.onnx\n"
      "  pocketstyle bench stylize runs/original runs/mini --size 256,1080x1920 --threads 1,2 --json");
  command->callback([arguments] { run_stylize_bench(*arguments); });
}

}  // namespace

void add_bench(CLI::App& app) {
  CLI::App* bench = app.add_subcommand("bench", "Measure how long things take");
  bench->require_subcommand(1);
  add_bench_train(*bench);
  add_bench_stylize(*bench);
  add_bench_ops(*bench);
  bench->footer(
      "Examples:\n"
      "  pocketstyle bench train configs/demo.yaml --baseline\n"
      "  pocketstyle bench stylize out/wave.ptl out/wave.onnx --threads 1,2\n"
      "  pocketstyle bench ops mini");
}

}  // namespace pocketstyle::cli
