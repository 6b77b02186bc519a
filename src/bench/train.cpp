// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/bench/train.h"

#include "bench/textbook.h"

#include "pocketstyle/bench/ops.h"
#include "pocketstyle/core/cpu.h"
#include "pocketstyle/train/trainer.h"

#include <ctime>
#include <functional>
#include <memory>

namespace pocketstyle::bench {
namespace {

double gflop(const std::vector<ConvShape>& convs, std::size_t first = 0) {
  double macs = 0;
  for (std::size_t i = first; i < convs.size(); ++i) macs += convs[i].macs(1);
  return 2 * macs / 1e9;
}

/// Cost of one photo in one of our steps if every convolution is computed directly: the network's forward pass, input
/// and weight gradients (the first convolution needs no input gradient); VGG-16's forward pass and input gradients; the
/// photo up to relu2_2.
double gflop_of_ours(const config::Config& config) {
  const auto net = net_convs(config.net.architecture(), config.data.crop);
  const auto vgg = vgg_convs(config.data.crop);
  const std::vector<ConvShape> content(vgg.begin(), vgg.begin() + 4);
  return 2 * gflop(net) + gflop(net, 1) + 2 * gflop(vgg) + gflop(content);
}

struct Loop {
  TrainTime time;
  std::function<train::StepReport()> step;
  bool keeps_memory = true;
  std::vector<double> ms{};
};

Loop make_ours(config::Config config, const char* precision) {
  config.run.precision = precision;
  config.data.held_out.clear();
  config.run.folder /= "bench-writes-nothing";
  const auto trainer = std::make_shared<train::Trainer>(config, /*resume=*/false);
  const bool bf16 = trainer->net()->compute_type == torch::kBFloat16;
  Loop loop{.time = {.loop = bf16 ? "pocketstyle bf16" : "pocketstyle fp32", .precision = bf16 ? "bf16" : "fp32"},
            .step = [trainer] { return trainer->step(); }};
  loop.time.gflop_per_image = gflop_of_ours(config);
  return loop;
}

void run(Loop& loop, bool counts, double share) {
  loop.keeps_memory ? keep_freed_memory() : return_freed_memory();
  set_blas_threads(torch::get_num_threads());  // our loops set their own
  const std::clock_t cpu_before = std::clock();
  const SystemWork before = system_work();
  const train::StepReport report = loop.step();
  const SystemWork after = system_work();
  const std::clock_t cpu_after = std::clock();
  if (loop.time.images == 0) loop.time.loss_first = report.loss.total();
  loop.time.images = report.images;
  loop.time.loss_last = report.loss.total();
  if (!counts) return;
  loop.ms.push_back(1000 * report.seconds.total());
  loop.time.phases.add(report.seconds, share);
  loop.time.cpu_seconds += share * static_cast<double>(cpu_after - cpu_before) / CLOCKS_PER_SEC;
  loop.time.page_faults += share * static_cast<double>(after.page_faults - before.page_faults);
  loop.time.system_seconds += share * (after.seconds - before.seconds);
}

}  // namespace

std::vector<TrainTime> time_training(TrainBench bench) {
  if (bench.baseline) {
    check_textbook(bench.config);
    bench.config.train.precondition_every = 0;
  }
  std::vector<Loop> loops;
  loops.push_back(make_ours(bench.config, bench.config.run.precision.c_str()));
  if (bench.both_precisions && loops.front().time.precision == "bf16") loops.push_back(make_ours(bench.config, "fp32"));
  if (bench.direct) {
    config::Config config = bench.config;
    config.run.winograd = false;
    loops.push_back(make_ours(config, "fp32"));
    loops.back().time.loop = "direct fp32";
  }
  if (bench.baseline) {
    const auto textbook = std::make_shared<TextbookLoop>(bench.config);
    loops.push_back({.time = {.loop = "textbook", .precision = "fp32"},
                     .step = [textbook] { return textbook->step(); },
                     .keeps_memory = false});
  }
  for (int round = 0; round < bench.warm_ups + bench.repeats; ++round)
    for (Loop& loop : loops) run(loop, round >= bench.warm_ups, 1.0 / bench.repeats);
  keep_freed_memory();
  std::vector<TrainTime> times;
  for (Loop& loop : loops) {
    loop.time.step = summarize(std::move(loop.ms));
    times.push_back(loop.time);
  }
  return times;
}

}  // namespace pocketstyle::bench
