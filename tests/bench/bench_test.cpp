// SPDX-License-Identifier: Apache-2.0
#include "support/catch.h"
#include "support/exported_net.h"
#include "support/small_run.h"

#include "pocketstyle/bench/ops.h"
#include "pocketstyle/bench/process.h"
#include "pocketstyle/bench/stylize.h"
#include "pocketstyle/bench/train.h"
#include "pocketstyle/core/cpu.h"

using namespace pocketstyle;

TEST_CASE("a process of this program is timed, and its failure is told") {
  const testing::TempDir folder;
  const auto time = bench::time_process({"--help"}, folder / "output.txt");
  CHECK(time.ms > 0);
  CHECK(time.cpu_ms > 0);
  CHECK(time.peak_bytes > 1'000'000);
  CHECK(testing::contains(testing::error_of([&] { bench::time_process({"--no-such-option"}, folder / "output.txt"); }),
                          "runtime: pocketstyle --no-such-option failed: "));
}

TEST_CASE("all files are timed at all sizes and thread counts") {
  const testing::TempDir folder;
  testing::save_and_export_net(folder, {exporting::ExportFormat::onnx});
  bench::StylizeBench bench;
  bench.files = {folder / "net.safetensors", folder / "net.onnx"};
  bench.sizes_hw = {{16, 20}, {24, 24}};
  bench.threads = {1, 2};
  bench.warm_ups = 1;
  bench.repeats = 3;
  const auto times = bench::time_stylize(bench);
  REQUIRE(times.size() == 3 * 2 * 2);  // ONNX has two runtimes
  for (const auto& time : times) {
    CHECK(time.load_ms > 0);
    CHECK(time.bytes > 0);
    CHECK(time.latency.min_ms > 0);
    CHECK(time.latency.min_ms <= time.latency.median_ms);
    CHECK(time.latency.median_ms <= time.latency.p90_ms);
  }
  CHECK(times.front().width == 20);
  CHECK(times.back().threads == 2);
}

TEST_CASE("calls are timed in turn") {
  std::string order;
  const auto latencies = bench::time_in_turns({[&] { order += 'a'; }, [&] { order += 'b'; }}, 1, 2);
  CHECK(order == "ababab");
  CHECK(latencies.size() == 2);
}

TEST_CASE("the textbook loop and ours do the same work") {
  const testing::SmallRun setup;
  bench::TrainBench bench{
      .config = setup.config, .warm_ups = 1, .repeats = 2, .baseline = true, .both_precisions = true};
  bench.config.run.precision = "fp32";
  bench.config.train.warmup = 0;  // the textbook's rate is constant
  bench.config.train.final_rate = 1;
  const auto times = bench::time_training(bench);
  REQUIRE(times.size() == 2);
  CHECK(times[1].loop == "textbook");
  CHECK(times[0].loss_first == Approx(times[1].loss_first).epsilon(1e-4));
  CHECK(times[0].loss_last == Approx(times[1].loss_last).epsilon(1e-2));
  for (const auto& time : times) {
    CHECK(time.images == setup.config.train.batch);
    CHECK(time.step.min_ms > 0);
    CHECK(time.phases.total() > 0);
  }
  CHECK(!std::filesystem::exists(setup.config.run.folder));
}

TEST_CASE("the textbook loop refuses what it would not do") {
  testing::SmallRun setup;
  setup.config.train.accumulate = 2;
  const auto error = [&] {
    return testing::error_of([&] { bench::time_training({.config = setup.config, .baseline = true}); });
  };
  CHECK(testing::contains(error(), "usage: --baseline: the textbook loop does not do what train.accumulate asks for"));
  setup.config.loss.style_layers = {1, 0, 1, 1};
  setup.config.style.more = {setup.config.style.image};
  setup.config.teacher.net = "net";
  CHECK(testing::contains(error(), "style.more, loss.style_layers, teacher.net, train.accumulate ask for"));
}

TEST_CASE("convolutions are those of the networks") {
  double vgg = 0, net = 0;
  for (const auto& conv : bench::vgg_convs(256)) vgg += conv.macs(1);
  CHECK(vgg == Approx(18.234e9).epsilon(1e-3));  // 1.73 GMAC conv1_1..: Simonyan and Zisserman 2014, up to conv4_3
  for (const auto& conv : bench::net_convs(config::find_preset("original").architecture, 256)) net += conv.macs(1);
  CHECK(net == Approx(10.08e9 - 5.0 / 9 * 2 * 1.208e9).epsilon(1e-3));  // four of nine products for upsampling
  const auto time = bench::time_conv({"small", 3, 4, 3, 3, 1, 8}, 1, bench::FloatType::fp32, 1);
  CHECK(time.forward.median_ms > 0);
  CHECK(time.weight_gradient.median_ms > 0);
}
