// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/evaluate/evaluate.h"

#include "cli/commands.h"
#include "cli/output.h"

#include "pocketstyle/config/load.h"
#include "pocketstyle/core/error.h"

#include <nlohmann/json.hpp>

#include <iostream>
#include <memory>
#include <string>
#include <vector>

namespace pocketstyle::cli {
namespace {

struct EvaluateArguments {
  std::vector<std::string> files, overrides;
  std::string config;
  int threads = 0;
  bool json = false;
};

/// The configuration that is asked for, or that the first file, a run folder, was trained with.
config::Config configuration(const EvaluateArguments& arguments) {
  std::filesystem::path path = arguments.config;
  if (path.empty()) path = std::filesystem::path(arguments.files.front()) / "config.yaml";
  if (!std::filesystem::exists(path))
    throw UsageError("evaluate: expected --config with the style and the photos, or a run folder as the first file");
  return config::load_config(path, arguments.overrides);
}

void print(const std::vector<evaluate::Evaluation>& all) {
  std::size_t width = std::string("file").size();
  for (const auto& one : all) width = std::max(width, one.file.size());
  std::cout << fmt::format("{:<{}}  {:>10}  {:>10}  {:>6}  {:>10}  {}\n", "file", width, "content", "style", "tv",
                           "total", "against the first (95% interval)");
  for (const auto& one : all) {
    const evaluate::PhotoLoss mean = one.mean();
    const evaluate::Difference d = evaluate::compare(one, all.front());
    const std::string against =
        &one == &all.front() ? "-"
                             : fmt::format("{:+.3f}% ({:+.3f} to {:+.3f})", d.percent, d.low_percent, d.high_percent);
    std::cout << fmt::format("{:<{}}  {:>10.0f}  {:>10.0f}  {:>6.0f}  {:>10.0f}  {}\n", one.file, width, mean.content,
                             mean.style, mean.tv, mean.total(), against);
  }
  std::cout << fmt::format("mean over {} photos; the interval is a paired bootstrap over them\n",
                           all.front().photos.size());
}

void print_json(const std::vector<evaluate::Evaluation>& all) {
  nlohmann::ordered_json json = nlohmann::ordered_json::array();
  const auto terms = [](const evaluate::PhotoLoss& loss) {
    return nlohmann::ordered_json{
        {"content", loss.content}, {"style", loss.style}, {"tv", loss.tv}, {"total", loss.total()}};
  };
  for (const auto& one : all) {
    const evaluate::Difference d = evaluate::compare(one, all.front());
    nlohmann::ordered_json entry{{"file", one.file},
                                 {"mean", terms(one.mean())},
                                 {"difference_percent", d.percent},
                                 {"difference_percent_low", d.low_percent},
                                 {"difference_percent_high", d.high_percent}};
    for (const auto& photo : one.photos) entry["photos"].push_back(terms(photo));
    json.push_back(std::move(entry));
  }
  std::cout << json.dump(2) << "\n";
}

void run_evaluate(const EvaluateArguments& arguments) {
  const config::Config config = configuration(arguments);
  set_threads(arguments.threads);
  const std::vector<std::filesystem::path> files(arguments.files.begin(), arguments.files.end());
  const auto all = evaluate::evaluate(config, files);
  if (arguments.json)
    print_json(all);
  else
    print(all);
}

}  // namespace

void add_evaluate(CLI::App& app) {
  auto arguments = std::make_shared<EvaluateArguments>();
  CLI::App* command = app.add_subcommand("evaluate", "The held-out loss of networks and exported files, compared");
  command
      ->add_option("files", arguments->files,
                   "Run folders, weights, .pt, .ptl or .onnx files; the first is the measure")
      ->required();
  command
      ->add_option("--config", arguments->config,
                   "Configuration with style, loss and held-out photos; default: of the first file, a run folder")
      ->check(CLI::ExistingFile);
  command->add_option("--set", arguments->overrides, "Replace one key: --set data.held_out_photos=45 (may be repeated)")
      ->take_all()
      ->allow_extra_args(false);
  command->add_option("--threads", arguments->threads, "CPU threads; default: one a core")->check(CLI::Range(1, 1024));
  command->add_flag("--json", arguments->json, "As JSON, with each photo's loss");
  command->footer(
      "Examples:\n"
      "  pocketstyle evaluate runs/original runs/bottleneck runs/mini\n"
      "  pocketstyle evaluate runs/mini out/mini.fp16.ptl out/mini.int8.onnx\n"
      "  pocketstyle evaluate out/mini.ptl --config configs/starry_night.yaml --set data.held_out=photos --json");
  command->callback([arguments] { run_evaluate(*arguments); });
}

}  // namespace pocketstyle::cli
