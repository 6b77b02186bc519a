// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/report/report.h"

#include "cli/commands.h"
#include "cli/output.h"

#include "pocketstyle/bench/timing.h"
#include "pocketstyle/config/load.h"
#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"
#include "pocketstyle/export/describe.h"
#include "pocketstyle/nn/style_net.h"

#include <torch/torch.h>

#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

namespace pocketstyle::cli {
namespace {

constexpr int kWarmUps = 2, kRepeats = 15;

struct ReportOptions {
  std::string subject, baseline = "original", size = "256x256", format = "text", output;
  int threads = 0;
  bool force = false, time = false;
};

std::string preset_names() {
  std::vector<std::string_view> names;
  for (const config::Preset& preset : config::presets()) names.push_back(preset.name);
  return fmt::format("{}", fmt::join(names, ", "));
}

report::Subject subject_of(const std::string& what) {
  for (const config::Preset& preset : config::presets())
    if (preset.name == what) return {what, preset.family, {}, {}};
  const std::filesystem::path path(what);
  const std::string extension = lower_extension(path);
  if (extension == ".yaml" || extension == ".yml") return {what, config::load_config(path).net.family(), {}, {}};
  if (!std::filesystem::exists(path))
    throw DataError("{}: expected a preset ({}), a .yaml file, a run folder or a model file", what, preset_names());
  const exporting::FileDescription description = exporting::describe_file(path);
  if (!description.family) throw DataError("{}: is {}, not a style network", what, description.kind);
  return {what,
          *description.family,
          report::MeasuredFile{description.kind, static_cast<std::int64_t>(description.bytes)},
          {}};
}

void measure(report::Report& report, int threads) {
  set_threads(threads);
  const torch::NoGradGuard no_grad;
  nn::StyleNet net(report.net.family), baseline(report.baseline.family);
  const torch::Tensor picture = torch::rand({1, 3, report.height, report.width}) * 255;
  const auto latencies =
      bench::time_in_turns({[&] { net->forward(picture); }, [&] { baseline->forward(picture); }}, kWarmUps, kRepeats);
  report.net.latency = report::Latency{latencies[0].median_ms, latencies[0].p90_ms};
  report.baseline.latency = report::Latency{latencies[1].median_ms, latencies[1].p90_ms};
  report.threads = torch::get_num_threads();
}

void run_report(const ReportOptions& options) {
  report::Report report;
  std::tie(report.height, report.width) = parse_size(options.size, "--size");
  report.net = subject_of(options.subject);
  report.baseline = subject_of(options.baseline);
  if (!options.output.empty()) check_can_write(options.output, options.force);
  if (options.time) measure(report, options.threads);
  const std::string text = options.format == "json"       ? report::to_json(report)
                           : options.format == "markdown" ? report::to_markdown(report)
                                                          : report::to_text(report);
  if (options.output.empty()) {
    std::cout << text;
    return;
  }
  write_file_atomically(options.output, text);
  std::cout << options.output << "\n";
}

}  // namespace

void add_report(CLI::App& app) {
  auto options = std::make_shared<ReportOptions>();
  CLI::App* command = app.add_subcommand("report", "Per-layer parameter table and what compression gained");
  command->add_option("what", options->subject, "A preset, a .yaml configuration, a run folder or a model file")
      ->required();
  command->add_option("--baseline", options->baseline, "What it is compared with: the same kinds")
      ->capture_default_str();
  command->add_option("--size", options->size, "Picture size, height x width in pixels")->capture_default_str();
  command->add_option("--format", options->format, "How it is written")
      ->check(CLI::IsMember({"text", "markdown", "json"}))
      ->capture_default_str();
  command->add_option("-o,--output", options->output, "A file instead of the console");
  command->add_flag("--force", options->force, "Overwrite the output");
  CLI::Option* time =
      command->add_flag("--time", options->time, "Measure both networks' forward pass as well (speed-up S_r)");
  command->add_option("--threads", options->threads, "CPU threads of --time; default: one a core")
      ->check(CLI::Range(1, 1024))
      ->needs(time);
  command->footer(
      "Examples:\n"
      "  pocketstyle report bottleneck\n"
      "  pocketstyle report runs/demo --baseline original --time\n"
      "  pocketstyle report model.ptl --size 1080x1920 --format markdown -o report.md");
  command->callback([options] { run_report(*options); });
}

}  // namespace pocketstyle::cli
