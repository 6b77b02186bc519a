// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/workflows/optimize.h"

#include "cli/commands.h"
#include "cli/options.h"
#include "cli/progress_bar.h"
#include "cli/stop_signals.h"

#include "pocketstyle/core/error.h"
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

constexpr std::int64_t kEvaluationsALine = 20;  // evaluations a line, where the output is no terminal

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
  for (const OptimizedPicture& row : rows) width = std::max(width, row.name.size());
  std::string text = fmt::format("{:<{}}  {:>12}  {:>12}  {:>8}  {:>12}  {:>8}  {:>10}\n", "", width, "content",
                                 "style", "tv", "total", "", "time");
  for (const OptimizedPicture& row : rows)
    text += fmt::format("{:<{}}  {:>12.0f}  {:>12.0f}  {:>8.0f}  {:>12.0f}  {:>7.2f}x  {:>10}\n", row.name, width,
                        row.losses.content, row.losses.style, row.losses.tv, row.losses.total(),
                        row.losses.total() / rows.front().losses.total(), time_text(row.seconds));
  return text + "Losses of the pictures as they are saved, 8 bits a channel. Networks: median of " +
         std::to_string(workflows::kTimedPasses) + " passes.\n";
}

nlohmann::ordered_json losses_json(const run::LossTerms& losses) {
  nlohmann::ordered_json json;
  losses.visit_shown([&](const char* name, double value) { json[name] = value; });
  json["total"] = losses.total();
  return json;
}

/// The picture's best loss as the work went on: evaluations and total.
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
  ProgressBar bar(0, evaluations, kEvaluationsALine);
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
    std::cout << json_of(arguments, optimizing, outcome, curve).dump(2) << "\n";
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
      "optimize", "A photo in a style without a network: minutes a picture, and what a network's pictures are held to");
  command->add_option("photo", options.photo, "The photo")->required();
  command->add_option("--style", options.style, "The style picture; default: that of --config");
  command->add_option("-o,--output", options.output, "The picture to write: .png, .jpg or .webp")->required();
  command->add_option("--config", options.config, "Configuration whose style and loss are used")
      ->check(CLI::ExistingFile);
  add_overrides(*command, options.overrides, "Replace one key: --set loss.strength=2 (may be repeated)");
  command->add_option("--size", options.size, "Longest side of the result in pixels; smaller photos keep theirs")
      ->check(CLI::Range(16, 8192))
      ->capture_default_str();
  command
      ->add_option("--evaluations", options.optimizer.evaluations,
                   "Evaluations of the loss and its gradient, which is what takes the time")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  command->add_option("--optimizer", arguments->method, "L-BFGS gets further in as many evaluations")
      ->check(CLI::IsMember(names(kMethods)))
      ->capture_default_str();
  command->add_option("--init", arguments->start, "What the picture is at first")
      ->check(CLI::IsMember(names(kStarts)))
      ->capture_default_str();
  command->add_option("--seed", options.optimizer.seed, "Of the noise")->capture_default_str();
  command
      ->add_option("--history", options.optimizer.history, "Steps that L-BFGS remembers, a picture's size each twice")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  command->add_option("--learning-rate", options.optimizer.learning_rate, "Adam's at first, in levels of 255")
      ->check(CLI::Range(1e-6, 255.0))
      ->capture_default_str();
  command
      ->add_option("--compare", options.models,
                   "Models to put beside it, files or shipped ones: the loss of what they make of the photo, and how "
                   "long a pass takes")
      ->type_name("MODEL...");
  command->add_option("--quality", options.quality, "Of JPEG and WebP")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  command->add_option("--threads", options.threads, "CPU threads; default: one a core")->check(CLI::Range(1, 1024));
  command->add_flag("--force", options.force, "Overwrite a result that exists");
  command->add_flag("--json", arguments->json, "Losses and times as JSON, without progress");
  command->footer(
      "Examples:\n"
      "  pocketstyle optimize photo.jpg --style wave.jpg -o reference.png\n"
      "  pocketstyle optimize photo.jpg --config runs/wave/config.yaml -o reference.png --size 256 \\\n"
      "      --compare runs/wave runs/wave-mini\n"
      "  pocketstyle optimize photo.jpg --style wave.jpg -o noise.png --init noise --seed 3 --set loss.strength=2\n"
      "Ctrl-C writes the best picture so far.");
  command->callback([arguments] { run_optimize(*arguments); });
}

}  // namespace pocketstyle::cli
