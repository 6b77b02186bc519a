// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/workflows/report.h"

#include "pocketstyle/bench/timing.h"
#include "pocketstyle/config/load.h"
#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"
#include "pocketstyle/export/describe.h"
#include "pocketstyle/nn/style_net.h"
#include "pocketstyle/workflows/threads.h"

#include <torch/torch.h>

#include <filesystem>
#include <string_view>
#include <vector>

namespace pocketstyle::workflows {
namespace {

constexpr int kLatencyWarmUps = 2, kLatencyRepeats = 15;

}  // namespace

report::Subject report_subject(const std::string& what) {
  for (const config::Preset& preset : config::presets())
    if (preset.name == what) return {what, preset.architecture, {}, {}};
  const std::filesystem::path path(what);
  const std::string extension = lower_extension(path);
  if (extension == ".yaml" || extension == ".yml") return {what, config::load_config(path).net.architecture(), {}, {}};
  if (!std::filesystem::exists(path))
    throw DataError("{}: expected a preset ({}), a .yaml file, a run folder or a model file", what,
                    fmt::join(config::preset_names(), ", "));
  const exporting::FileDescription description = exporting::describe_file(path);
  if (!description.architecture) throw DataError("{}: is {}, not a style network", what, description.kind);
  return {what,
          *description.architecture,
          results::MeasuredFile{description.kind, static_cast<std::int64_t>(description.bytes)},
          {}};
}

void measure_latencies(report::Report& report, int threads) {
  set_threads(threads);
  const torch::NoGradGuard no_grad;
  nn::StyleNet net(report.net.architecture), baseline(report.baseline.architecture);
  const torch::Tensor picture = torch::rand({1, 3, report.height, report.width}) * 255;
  const auto latencies = bench::time_in_turns({[&] { net->forward(picture); }, [&] { baseline->forward(picture); }},
                                              kLatencyWarmUps, kLatencyRepeats);
  report.net.latency = latencies[0];
  report.baseline.latency = latencies[1];
  report.threads = threads_in_use();
}

}  // namespace pocketstyle::workflows
