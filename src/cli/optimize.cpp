// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/workflows/optimize.h"

#include "cli/commands.h"
#include "cli/options.h"
#include "cli/progress_bar.h"
#include "cli/stop_signals.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/json_text.h"
#include "pocketstyle/run/loss_terms.h"
#include "pocketstyle/workflows/threads.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace pocketstyle::cli {
namespace {

using workflows::OptimizedPicture;

constexpr std::int64_t kEvaluationsALine = 20;  // evaluations per line, if the output is not a terminal

const std::map<std::string, optimize::Method> kMethods{{"lbfgs", optimize::Method::lbfgs},
                                                       {"adam", optimize::Method::adam}};
const std::map<std::string, optimize::Start> kStarts{{"photo", optimize::Start::photo},
                                                     {"noise", optimize::Start::noise}};

struct OptimizeArguments {
  workflows::OptimizeOptions options;
  std::string method = "lbfgs", start = "photo";
  bool json = false;
};

std::string time_text(double seconds) {
  return seconds == 0 ? "" : seconds < 1 ? fmt::format("{:.1f} ms", seconds * 1000) : fmt::format("{:.1f} s", seconds);
}

std::string table(const std::vector<OptimizedPicture>& rows) {
  std::size_t width = 0;
  std::vector<run::LossTerms::Row> terms;  // columns: what any of the pictures has
  for (const OptimizedPicture& row : rows) width = std::max(width, row.name.size());
  for (const auto& term : run::LossTerms::rows())
    if (!term.optional ||
        std::any_of(rows.begin(), rows.end(), [&](const auto& row) { return row.losses.*term.term > 0; }))
      terms.push_back(term);
  std::string text = fmt::format("{:<{}}", "", width);
  for (const auto& term : terms) text += fmt::format("  {:>12}", term.name);
  text += fmt::format("  {:>12}  {:>8}  {:>10}\n", "total", "", "time");
  for (const OptimizedPicture& row : rows) {
    text += fmt::format("{:<{}}", row.name, width);
    for (const auto& term : terms) text += fmt::format("  {:>12.0f}", row.losses.*term.term);
    text += fmt::format("  {:>12.0f}  {:>7.2f}x  {:>10}\n", row.losses.total(),
                        row.losses.total() / rows.front().losses.total(), time_text(row.seconds));
  }
  return text + "Losses of the pictures as saved, with 8 bits per channel. Networks: median of " +
         std::to_string(workflows::kTimedPasses) + " passes.\n";
}

nlohmann::ordered_json losses_json(const run::LossTerms& losses) {
  nlohmann::ordered_json json;
  losses.visit_shown([&](const char* name, double value) { json[name] = value; });
  json["total"] = losses.total();
  return json;
}

/// The picture's best loss so far, by evaluations: evaluations and total.
using Curve = std::vector<std::pair<std::int64_t, double>>;

nlohmann::ordered_json json_of(const OptimizeArguments& arguments, const workflows::Optimizing& optimizing,
                               const workflows::OptimizeOutcome& outcome, const Curve& curve) {
  nlohmann::ordered_json json{{"photo", arguments.options.photo.string()},
                              {"width", optimizing.width()},
                              {"height", optimizing.height()},
                              {"optimizer", arguments.method},
                              {"init", arguments.start},
                              {"seed", arguments.options.optimizer.seed},
                              {"threads", workflows::threads_in_use()},
                              {"evaluations", outcome.evaluations},
                              {"start", losses_json(outcome.start)},
                              {"curve", curve},
                              {"pictures", nlohmann::ordered_json::array()}};
  for (const OptimizedPicture& row : outcome.pictures) {
    json["pictures"].push_back({{"name", row.name}, {"loss", losses_json(row.losses)}});
    if (row.seconds > 0) json["pictures"].back()["seconds"] = row.seconds;
  }
  return json;
}

void run_optimize(OptimizeArguments arguments) {
  workflows::OptimizeOptions& options = arguments.options;
  options.optimizer.method = kMethods.at(arguments.method);
  options.optimizer.start = kStarts.at(arguments.start);
  workflows::Optimizing optimizing(options);
  const std::int64_t evaluations = options.optimizer.evaluations;
  if (!arguments.json)
    std::cout << fmt::format("{}x{}, {} from {}, {} evaluations, {} threads\n", optimizing.width(), optimizing.height(),
                             arguments.method, arguments.start, evaluations, workflows::threads_in_use());
  const StopSignals signals;
  ProgressBar bar(evaluations, kEvaluationsALine);
  Curve curve;
  const auto show = [&](const optimize::Progress& progress) {
    const double total = progress.best.total();
    curve.emplace_back(progress.evaluations, total);
    if (!arguments.json)
      bar.show(progress.evaluations, fmt::format("{}/{}  loss {:.6g} ({})", progress.evaluations, evaluations, total,
                                                 run::shares_text(progress.best)));
  };
  const auto outcome = optimizing.run(show, signals.requested());
  bar.end();
  if (arguments.json)
    std::cout << json_text(json_of(arguments, optimizing, outcome, curve), 2) << "\n";
  else
    std::cout << fmt::format("loss {:.0f} at the start, {:.0f} after {} evaluations: {:.1f}%\n", outcome.start.total(),
                             outcome.best.total(), outcome.evaluations,
                             100 * outcome.best.total() / outcome.start.total())
              << (outcome.pictures.size() > 1 ? "\n" + table(outcome.pictures) + "\n" : "")
              << fmt::format("{}{}\n", options.output.string(), outcome.stopped ? ", stopped early" : "");
  if (outcome.stopped) throw CLI::RuntimeError(signals.exit_code());
}

template <class Map>
std::vector<std::string> names(const Map& map) {
  std::vector<std::string> all;
  for (const auto& [name, value] : map) all.push_back(name);
  return all;
}

}  // namespace

void add_optimize(CLI::App& app) {
  auto arguments = std::make_shared<OptimizeArguments>();
  workflows::OptimizeOptions& options = arguments->options;
  CLI::App* command = app.add_subcommand(
      "optimize", "Stylize one photo without a network: takes minutes, and gives a reference for networks' results");
  command->add_option("photo", options.photo, "The photo")->required();
  command->add_option("--style", options.style, "The style picture; default: that of --config");
  command->add_option("-o,--output", options.output, "The picture to write: .png, .jpg or .webp")
      ->check(not_standard_output())
      ->required();
  command->add_option("--config", options.config, "Configuration with the style and loss")->check(CLI::ExistingFile);
  add_overrides(*command, options.overrides, "Override a key: --set loss.strength=2 (repeatable)");
  command
      ->add_option("--size", options.size, "Maximum long side of the result in pixels; smaller photos are not enlarged")
      ->check(CLI::Range(16, 8192))
      ->capture_default_str();
  command
      ->add_option("--evaluations", options.optimizer.evaluations,
                   "Evaluations of the loss and its gradient, which take almost all of the time")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  command->add_option("--optimizer", arguments->method, "Optimizer; L-BFGS needs fewer evaluations")
      ->check(CLI::IsMember(names(kMethods)))
      ->capture_default_str();
  command->add_option("--init", arguments->start, "Initial picture")
      ->check(CLI::IsMember(names(kStarts)))
      ->capture_default_str();
  command->add_option("--seed", options.optimizer.seed, "Seed of the noise")->capture_default_str();
  command
      ->add_option("--history", options.optimizer.history,
                   "Past steps that L-BFGS uses; each needs memory for two pictures")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  command
      ->add_option("--learning-rate", options.optimizer.learning_rate, "Adam's initial learning rate, in levels of 255")
      ->check(CLI::Range(1e-6, 255.0))
      ->capture_default_str();
  command
      ->add_option("--compare", options.models,
                   "Models to compare with, files or shipped ones: the loss of their output for the photo, and the "
                   "time of a pass")
      ->type_name("MODEL...");
  command->add_option("--quality", options.quality, "JPEG and WebP quality")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  command->add_option("--threads", options.threads, "CPU threads; default: one per core")->check(CLI::Range(1, 1024));
  command->add_flag("--force", options.force, "Overwrite a result that exists");
  command->add_flag("--json", arguments->json, "Print losses and times as JSON, without progress");
  command->footer(
      "Examples:\n"
      "  pocketstyle optimize photo.jpg --style wave.jpg -o reference.png\n"
      "  pocketstyle optimize photo.jpg --config runs/wave/config.yaml -o reference.png --size 256 \\\n"
      "      --compare runs/wave runs/wave-mini\n"
      "  pocketstyle optimize photo.jpg --style wave.jpg -o noise.png --init noise --seed 3 --set loss.strength=2\n"
      "Ctrl-C stops and writes the best picture so far.");
  command->callback([arguments] { run_optimize(*arguments); });
}

}  // namespace pocketstyle::cli
