// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/evaluate/evaluate.h"

#include "cli/commands.h"
#include "cli/evaluation_output.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/subjects.h"

#include "pocketstyle/config/load.h"
#include "pocketstyle/core/error.h"

#include <iostream>
#include <memory>
#include <string>
#include <vector>

namespace pocketstyle::cli {
namespace {

struct EvaluateArguments {
  std::vector<std::string> subjects, overrides;
  std::string config, baseline;
  evaluate::Options options;
  int threads = 0;
  bool json = false;
};

std::size_t baseline_of(const std::vector<evaluate::Subject>& subjects, const std::string& name) {
  if (name.empty()) return 0;
  for (std::size_t i = 0; i < subjects.size(); ++i)
    if (subjects[i].name == name) return i;
  throw UsageError("--baseline {}: expected the name of one that is evaluated", name);
}

/// The configuration that is asked for, or that the first file, a run folder, was trained with.
config::Config configuration(const EvaluateArguments& arguments, const std::filesystem::path& first) {
  const std::filesystem::path path =
      arguments.config.empty() ? first / "config.yaml" : std::filesystem::path(arguments.config);
  if (!std::filesystem::exists(path))
    throw UsageError("evaluate: expected --config with the style and the photos, or a run folder as the first file");
  return config::load_config(path, arguments.overrides);
}

void run_evaluate(const EvaluateArguments& arguments) {
  const std::vector<evaluate::Subject> subjects = parse_subjects(arguments.subjects);
  const std::size_t baseline = baseline_of(subjects, arguments.baseline);
  const config::Config config = configuration(arguments, subjects.front().files.front());
  set_threads(arguments.threads);
  const auto all = evaluate::evaluate(config, subjects, arguments.options);
  std::cout << (arguments.json ? evaluation_json(all, baseline) : evaluation_tables(all, baseline));
}

std::string metrics_help() {
  std::string text = "Metrics, a mean over the validation photos each:\n";
  for (const results::Metric& metric : evaluate::metrics())
    text += fmt::format("  {:<13} {:<7} {}\n", metric.key, better_name(metric.better), metric.help);
  return text;
}

}  // namespace

void add_evaluate(CLI::App& app) {
  auto arguments = std::make_shared<EvaluateArguments>();
  CLI::App* command =
      app.add_subcommand("evaluate", "How good the pictures of networks and exported files are, compared");
  command
      ->add_option("subjects", arguments->subjects,
                   "[NAME=]FILE[,FILE...]: run folders, weights, .pt, .ptl or .onnx files; several are one network "
                   "trained from different seeds")
      ->required();
  command
      ->add_option("--config", arguments->config,
                   "Configuration with style, loss and validation photos; default: of the first file, a run folder")
      ->check(CLI::ExistingFile);
  add_overrides(*command, arguments->overrides, "Replace one key: --set data.held_out_photos=45 (may be repeated)");
  command->add_option("--baseline", arguments->baseline, "What the others are compared to; default: the first");
  command
      ->add_option("--nima", arguments->options.nima,
                   "TorchScript or ONNX network that rates pictures: [1, 3, 224, 224] to ten bins")
      ->check(CLI::ExistingFile);
  command->add_option("--threads", arguments->threads, "CPU threads; default: one a core")->check(CLI::Range(1, 1024));
  command->add_flag("--json", arguments->json, "As JSON, with each photo's values");
  command->footer(
      metrics_help() +
      "\nExamples:\n"
      "  pocketstyle evaluate runs/original runs/bottleneck runs/mini\n"
      "  pocketstyle evaluate mini=runs/mini-1,runs/mini-2,runs/mini-3 slim=runs/slim-1,runs/slim-2\n"
      "  pocketstyle evaluate fp16=out/mini.fp16.ptl int8=out/mini.int8.onnx full=runs/mini --baseline full "
      "--config runs/mini/config.yaml\n"
      "  pocketstyle evaluate out/mini.ptl --config configs/starry_night.yaml --set data.held_out=photos "
      "--nima nima.pt --json");
  command->callback([arguments] { run_evaluate(*arguments); });
}

}  // namespace pocketstyle::cli
