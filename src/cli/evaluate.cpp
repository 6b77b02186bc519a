// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/workflows/evaluate.h"

#include "cli/commands.h"
#include "cli/evaluation_output.h"
#include "cli/measures.h"
#include "cli/options.h"

#include "pocketstyle/core/error.h"

#include <iostream>
#include <memory>
#include <string>
#include <vector>

namespace pocketstyle::cli {
namespace {

struct EvaluateArguments {
  workflows::EvaluateOptions options;
  bool json = false;
};

void run_evaluate(const EvaluateArguments& arguments) {
  const auto [evaluations, baseline] = workflows::evaluate_subjects(arguments.options);
  std::cout << (arguments.json ? evaluation_json(evaluations, baseline) : evaluation_tables(evaluations, baseline));
}

std::string metrics_help() {
  std::string text = "Metrics, each averaged over the validation photos:\n";
  for (const results::Metric& metric : evaluate::metrics())
    text += fmt::format("  {:<13} {:<7} {}\n", metric.key, better_name(metric.better), metric.help);
  return text;
}

}  // namespace

void add_evaluate(CLI::App& app) {
  auto arguments = std::make_shared<EvaluateArguments>();
  workflows::EvaluateOptions& options = arguments->options;
  CLI::App* command =
      app.add_subcommand("evaluate", "Measure and compare the picture quality of networks and exported files");
  command
      ->add_option(
          "subjects", options.subjects,
          "[NAME=]FILE[,FILE...]: run folders, weights, .pt, .ptl or .onnx files; several files count as one network "
          "trained from different seeds")
      ->required();
  command
      ->add_option(
          "--config", options.config,
          "Configuration with style, loss and validation photos; default: that of the first file, a run folder")
      ->check(CLI::ExistingFile);
  add_overrides(*command, options.overrides, "Override a key: --set data.held_out_photos=45 (repeatable)");
  command->add_option("--baseline", options.baseline,
                      "Name of the network that the others are compared with; default: the first");
  add_measures(*command, options.options);
  command->add_option("--threads", options.threads, "CPU threads; default: one per core")->check(CLI::Range(1, 1024));
  command->add_flag("--json", arguments->json, "Print JSON, including the values of each photo");
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
