// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/optimize/optimize.h"

#include "cli/commands.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/progress_bar.h"
#include "cli/stop_signals.h"

#include "pocketstyle/bench/timing.h"
#include "pocketstyle/config/load.h"
#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"
#include "pocketstyle/data/style.h"
#include "pocketstyle/media/tensor.h"
#include "pocketstyle/nn/shipped_models.h"
#include "pocketstyle/stylize/stylize.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace pocketstyle::cli {
namespace fs = std::filesystem;
namespace {

constexpr int kWarmUps = 1, kRepeats = 5;  // of a network's pass
constexpr std::int64_t kLogEvery = 20;     // evaluations a line, where the output is no terminal

const std::map<std::string, optimize::Method> kMethods{{"lbfgs", optimize::Method::lbfgs},
                                                       {"adam", optimize::Method::adam}};
const std::map<std::string, optimize::Start> kStarts{{"photo", optimize::Start::photo},
                                                     {"noise", optimize::Start::noise}};

struct OptimizeArguments {
  std::string photo, style, output, config;
  std::string method = "lbfgs", start = "photo";
  std::vector<std::string> overrides, models;
  optimize::Options options;
  std::int64_t size = 512;
  int quality = 92, threads = 0;
  bool force = false, json = false;
};

/// A picture in the table: what it was made by, its loss, and how long it took.
struct Row {
  std::string name;
  run::LossTerms losses;
  double seconds = 0;
};

config::Config configuration(const OptimizeArguments& arguments) {
  std::vector<std::string> overrides = arguments.overrides;
  if (!arguments.style.empty()) overrides.push_back("style.image=" + arguments.style);
  const config::Config config =
      arguments.config.empty() ? config::template_config(overrides) : config::load_config(arguments.config, overrides);
  if (config.style.image.empty())
    throw UsageError("optimize: expected --style with a picture, or --config with a style picture");
  if (config.style.colors == "photos" && config.data.train.empty())
    throw UsageError("style.colors: photos: expected data.train, a folder of photos, with it");
  return config;
}

/// As the picture is once it is saved: rounded and clamped.
torch::Tensor rounded(const torch::Tensor& picture) {
  return media::to_tensor_nchw255(media::from_tensor_nchw255(picture));
}

struct NamedModel {
  std::string name;
  std::unique_ptr<stylize::StyleModel> model;
};

std::vector<NamedModel> load_models(const std::vector<std::string>& names) {
  std::vector<NamedModel> models;
  for (const std::string& name : names)
    models.push_back(
        {name, stylize::load_style_model(fs::exists(name) ? fs::path(name) : nn::find_shipped_model(name))});
  return models;
}

/// What the networks make of the photo, each timed in turn with the others.
std::vector<Row> compare(std::vector<NamedModel>& models, const loss::PerceptualLoss& loss,
                         const torch::Tensor& photo) {
  const loss::ContentFeatures features = loss.content_features(photo);
  std::vector<Row> rows{{"the photo itself", optimize::losses_of(loss, photo, features)}};
  std::vector<std::function<void()>> calls;
  for (NamedModel& one : models) {
    rows.push_back({one.name, optimize::losses_of(loss, rounded(one.model->run(photo)), features)});
    calls.emplace_back([&model = *one.model, &photo] { model.run(photo); });
  }
  const auto times = bench::time_in_turns(calls, kWarmUps, kRepeats);
  for (std::size_t i = 0; i < times.size(); ++i) rows[i + 1].seconds = times[i].median_ms / 1000;
  return rows;
}

std::string time_text(double seconds) {
  return seconds == 0 ? "" : seconds < 1 ? fmt::format("{:.1f} ms", seconds * 1000) : fmt::format("{:.1f} s", seconds);
}

std::string table(const std::vector<Row>& rows) {
  std::size_t width = 0;
  for (const Row& row : rows) width = std::max(width, row.name.size());
  std::string text = fmt::format("{:<{}}  {:>12}  {:>12}  {:>8}  {:>12}  {:>8}  {:>10}\n", "", width, "content",
                                 "style", "tv", "total", "", "time");
  for (const Row& row : rows)
    text += fmt::format("{:<{}}  {:>12.0f}  {:>12.0f}  {:>8.0f}  {:>12.0f}  {:>7.2f}x  {:>10}\n", row.name, width,
                        row.losses.content, row.losses.style, row.losses.tv, row.losses.total(),
                        row.losses.total() / rows.front().losses.total(), time_text(row.seconds));
  return text + "Losses of the pictures as they are saved, 8 bits a channel. Networks: median of " +
         std::to_string(kRepeats) + " passes.\n";
}

nlohmann::ordered_json losses_json(const run::LossTerms& losses) {
  nlohmann::ordered_json json;
  losses.visit_shown([&](const char* name, double value) { json[name] = value; });
  json["total"] = losses.total();
  return json;
}

/// The picture's best loss as the work went on: evaluations and total.
using Curve = std::vector<std::pair<std::int64_t, double>>;

nlohmann::ordered_json json_of(const OptimizeArguments& arguments, const torch::Tensor& photo,
                               const optimize::Optimized& result, const Curve& curve, const std::vector<Row>& rows) {
  nlohmann::ordered_json json{{"photo", arguments.photo},
                              {"width", photo.size(3)},
                              {"height", photo.size(2)},
                              {"optimizer", arguments.method},
                              {"init", arguments.start},
                              {"seed", arguments.options.seed},
                              {"threads", torch::get_num_threads()},
                              {"evaluations", result.evaluations},
                              {"start", losses_json(result.start)},
                              {"curve", curve},
                              {"pictures", nlohmann::ordered_json::array()}};
  for (const Row& row : rows) {
    json["pictures"].push_back({{"name", row.name}, {"loss", losses_json(row.losses)}});
    if (row.seconds > 0) json["pictures"].back()["seconds"] = row.seconds;
  }
  return json;
}

void run_optimize(OptimizeArguments arguments) {
  arguments.options.method = kMethods.at(arguments.method);
  arguments.options.start = kStarts.at(arguments.start);
  const config::Config config = configuration(arguments);
  media::check_writable(arguments.output);
  check_can_write(arguments.output, arguments.force);
  set_threads(arguments.threads);
  std::vector<NamedModel> models = load_models(arguments.models);
  media::Image image = media::load_image(arguments.photo);
  if (std::max(image.width, image.height) > arguments.size) image = media::resize_long_side(image, arguments.size);
  if (std::min(image.width, image.height) < optimize::kMinSide)
    throw DataError("{}: {}x{} at this size, expected {} pixels a side or more", arguments.photo, image.width,
                    image.height, optimize::kMinSide);
  const torch::Tensor photo = media::to_tensor_nchw255(image);
  const data::Style style = data::load_style(config);
  const loss::PerceptualLoss loss(config.loss, nn::Vgg16(config.loss.vgg), style.pictures_nchw255, torch::kFloat32,
                                  style.shares);

  const std::int64_t steps = arguments.options.evaluations;
  if (!arguments.json)
    std::cout << fmt::format("{}x{}, {} from {}, {} evaluations, {} threads\n", image.width, image.height,
                             arguments.method, arguments.start, steps, torch::get_num_threads());
  const StopSignals signals;
  ProgressBar bar(0, steps, kLogEvery);
  Curve curve;
  const auto result = optimize::optimize(loss, photo, arguments.options, [&](const optimize::Progress& progress) {
    const double total = progress.best.total();
    curve.emplace_back(progress.evaluations, total);
    if (!arguments.json)
      bar.show(progress.evaluations, fmt::format("{}/{}  loss {:.6g} ({})", progress.evaluations, steps, total,
                                                 run::shares_text(progress.best)));
    return !signals.requested();
  });
  const double seconds = bar.seconds();
  bar.end();
  media::save_image(arguments.output, media::from_tensor_nchw255(result.picture_nchw255), arguments.quality);

  const bool stopped = signals.requested();
  std::vector<Row> rows{
      {"optimised", optimize::losses_of(loss, rounded(result.picture_nchw255), loss.content_features(photo)), seconds}};
  if (!stopped && !models.empty()) {
    const std::vector<Row> others = compare(models, loss, photo);
    rows.insert(rows.end(), others.begin(), others.end());
  }
  if (arguments.json)
    std::cout << json_of(arguments, photo, result, curve, rows).dump(2) << "\n";
  else
    std::cout << fmt::format("loss {:.0f} at the start, {:.0f} after {} evaluations: {:.1f}%\n", result.start.total(),
                             result.best.total(), result.evaluations, 100 * result.best.total() / result.start.total())
              << (rows.size() > 1 ? "\n" + table(rows) + "\n" : "")
              << fmt::format("{}{}\n", arguments.output, stopped ? ", stopped early" : "");
  if (stopped) throw CLI::RuntimeError(signals.exit_code());
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
  CLI::App* command = app.add_subcommand(
      "optimize", "A photo in a style without a network: minutes a picture, and what a network's pictures are held to");
  command->add_option("photo", arguments->photo, "The photo")->required();
  command->add_option("--style", arguments->style, "The style picture; default: that of --config");
  command->add_option("-o,--output", arguments->output, "The picture to write: .png, .jpg or .webp")->required();
  command->add_option("--config", arguments->config, "Configuration whose style and loss are used")
      ->check(CLI::ExistingFile);
  add_overrides(*command, arguments->overrides, "Replace one key: --set loss.style=4 (may be repeated)");
  command->add_option("--size", arguments->size, "Longest side of the result in pixels; smaller photos keep theirs")
      ->check(CLI::Range(16, 8192))
      ->capture_default_str();
  command
      ->add_option("--evaluations", arguments->options.evaluations,
                   "Evaluations of the loss and its gradient, which is what takes the time")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  command->add_option("--optimizer", arguments->method, "L-BFGS gets further in as many evaluations")
      ->check(CLI::IsMember(names(kMethods)))
      ->capture_default_str();
  command->add_option("--init", arguments->start, "What the picture is at first")
      ->check(CLI::IsMember(names(kStarts)))
      ->capture_default_str();
  command->add_option("--seed", arguments->options.seed, "Of the noise")->capture_default_str();
  command
      ->add_option("--history", arguments->options.history, "Steps that L-BFGS remembers, a picture's size each twice")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  command->add_option("--learning-rate", arguments->options.learning_rate, "Adam's at first, in levels of 255")
      ->check(CLI::Range(1e-6, 255.0))
      ->capture_default_str();
  command
      ->add_option("--compare", arguments->models,
                   "Models to put beside it, files or shipped ones: the loss of what they make of the photo, and how "
                   "long a pass takes")
      ->type_name("MODEL...");
  command->add_option("--quality", arguments->quality, "Of JPEG and WebP")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  command->add_option("--threads", arguments->threads, "CPU threads; default: one a core")->check(CLI::Range(1, 1024));
  command->add_flag("--force", arguments->force, "Overwrite a result that exists");
  command->add_flag("--json", arguments->json, "Losses and times as JSON, without progress");
  command->footer(
      "Examples:\n"
      "  pocketstyle optimize photo.jpg --style wave.jpg -o reference.png\n"
      "  pocketstyle optimize photo.jpg --config runs/wave/config.yaml -o reference.png --size 256 \\\n"
      "      --compare runs/wave runs/wave-mini\n"
      "  pocketstyle optimize photo.jpg --style wave.jpg -o noise.png --init noise --seed 3 --set loss.style=8\n"
      "Ctrl-C writes the best picture so far.");
  command->callback([arguments] { run_optimize(*arguments); });
}

}  // namespace pocketstyle::cli
