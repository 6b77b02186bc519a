// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/report/report.h"

#include "cli/commands.h"
#include "cli/compare.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/subjects.h"

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
  std::string subject, baseline = "original", size = "256x256";
  std::vector<std::string> networks;  // to compare
  CompareArguments compare;           // what both kinds of report take is here as well
  bool time = false;
};

std::string preset_names() {
  std::vector<std::string_view> names;
  for (const config::Preset& preset : config::presets()) names.push_back(preset.name);
  return fmt::format("{}", fmt::join(names, ", "));
}

report::Subject subject_of(const std::string& what) {
  for (const config::Preset& preset : config::presets())
    if (preset.name == what) return {what, preset.architecture, {}, {}};
  const std::filesystem::path path(what);
  const std::string extension = lower_extension(path);
  if (extension == ".yaml" || extension == ".yml") return {what, config::load_config(path).net.architecture(), {}, {}};
  if (!std::filesystem::exists(path))
    throw DataError("{}: expected a preset ({}), a .yaml file, a run folder or a model file", what, preset_names());
  const exporting::FileDescription description = exporting::describe_file(path);
  if (!description.architecture) throw DataError("{}: is {}, not a style network", what, description.kind);
  return {what,
          *description.architecture,
          results::MeasuredFile{description.kind, static_cast<std::int64_t>(description.bytes)},
          {}};
}

void measure(report::Report& report, int threads) {
  set_threads(threads);
  const torch::NoGradGuard no_grad;
  nn::StyleNet net(report.net.architecture), baseline(report.baseline.architecture);
  const torch::Tensor picture = torch::rand({1, 3, report.height, report.width}) * 255;
  const auto latencies =
      bench::time_in_turns({[&] { net->forward(picture); }, [&] { baseline->forward(picture); }}, kWarmUps, kRepeats);
  report.net.latency = latencies[0];
  report.baseline.latency = latencies[1];
  report.threads = torch::get_num_threads();
}

void run_report(const ReportOptions& options) {
  if (options.networks.empty() == options.subject.empty())
    throw UsageError("report: expected either one network, or --compare with two or more");
  if (!options.networks.empty()) {
    CompareArguments compare = options.compare;
    std::tie(compare.height, compare.width) = parse_size(options.size, "--size");
    run_compare(compare, parse_subjects(options.networks));
    return;
  }
  const auto& [output, format] = std::tie(options.compare.output, options.compare.format);
  if (format == "html") throw UsageError("--format html: expected --compare with it");
  report::Report report;
  std::tie(report.height, report.width) = parse_size(options.size, "--size");
  report.net = subject_of(options.subject);
  report.baseline = subject_of(options.baseline);
  if (!output.empty()) check_can_write(output, options.compare.force);
  if (options.time) measure(report, options.compare.threads);
  const std::string text = format == "json"       ? report::to_json(report)
                           : format == "markdown" ? report::to_markdown(report)
                                                  : report::to_text(report);
  if (output.empty()) {
    std::cout << text;
    return;
  }
  write_file_atomically(output, text);
  std::cout << output << "\n";
}

}  // namespace

void add_report(CLI::App& app) {
  auto options = std::make_shared<ReportOptions>();
  CompareArguments& compare = options->compare;
  CLI::App* command = app.add_subcommand("report", "What compression gained and cost, beside the paper's tables");
  command->add_option("what", options->subject, "A preset, a .yaml configuration, a run folder or a model file");
  CLI::Option* networks =
      command
          ->add_option("--compare", options->networks,
                       "Two or more trained networks, the first the measure of the others: [NAME=]FILE[,FILE2 ...], a "
                       "run folder, weights or an export; several files are the same network from several seeds")
          ->expected(1, 64);
  command->add_option("--baseline", options->baseline, "Without --compare, what it is compared with: the same kinds")
      ->capture_default_str();
  command->add_option("--size", options->size, "Picture size, height x width in pixels")->capture_default_str();
  command
      ->add_option("--format", compare.format,
                   "How it is written; default: text, and with --compare as the output's extension says")
      ->check(CLI::IsMember({"text", "markdown", "json", "html"}));
  command->add_option("-o,--output", compare.output, "A file instead of the console");
  command->add_flag("--force", compare.force, "Overwrite the output");
  command->add_flag("--time", options->time, "Measure both networks' forward pass as well (--compare always does)");
  command->add_option("--threads", compare.threads, "CPU threads of what is measured; default: one a core")
      ->check(CLI::Range(1, 1024));
  command
      ->add_option("--config", compare.config,
                   "With --compare: style, loss and validation photos; default: of the first run folder")
      ->check(CLI::ExistingFile)
      ->needs(networks);
  add_overrides(*command, compare.overrides,
                "With --compare: replace one key: --set data.held_out_photos=45 (may be repeated)")
      ->needs(networks);
  command->add_option("--photos", compare.photos, "With --compare: photos that are shown")
      ->check(CLI::Range(0, 100))
      ->capture_default_str()
      ->needs(networks);
  command->add_option("--nima", compare.nima, "With --compare: a NIMA network, TorchScript or ONNX")
      ->check(CLI::ExistingFile)
      ->needs(networks);
  command->footer(
      "Examples:\n"
      "  pocketstyle report bottleneck\n"
      "  pocketstyle report runs/demo --baseline original --time\n"
      "  pocketstyle report model.ptl --size 1080x1920 --format markdown -o report.md\n"
      "  pocketstyle report --compare runs/original runs/bottleneck small=runs/mini,runs/mini2 -o report.html");
  command->callback([options] { run_report(*options); });
}

}  // namespace pocketstyle::cli
