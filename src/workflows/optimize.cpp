// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/workflows/optimize.h"

#include "pocketstyle/bench/timing.h"
#include "pocketstyle/config/load.h"
#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"
#include "pocketstyle/core/laps.h"
#include "pocketstyle/loss/load.h"
#include "pocketstyle/media/tensor.h"
#include "pocketstyle/nn/shipped_models.h"
#include "pocketstyle/optimize/optimize.h"
#include "pocketstyle/stylize/stylize.h"
#include "pocketstyle/workflows/threads.h"

#include <torch/torch.h>

#include <algorithm>
#include <optional>

namespace pocketstyle::workflows {
namespace fs = std::filesystem;
namespace {

constexpr int kPassWarmUps = 1;  // of each network's pass

config::Config configuration(const OptimizeOptions& options) {
  std::vector<std::string> overrides = options.overrides;
  if (!options.style.empty()) overrides.push_back("style.image=" + options.style.string());
  const config::Config config =
      options.config.empty() ? config::template_config(overrides) : config::load_config(options.config, overrides);
  if (config.style.image.empty())
    throw UsageError("optimize: expected --style with a picture, or --config with a style picture");
  if (config.style.colors == "photos" && config.data.train.empty())
    throw UsageError("style.colors: photos: expected data.train, a folder of photos, as well");
  return config;
}

/// The picture as saved: rounded and clamped.
torch::Tensor rounded(const torch::Tensor& picture) {
  return media::to_tensor_nchw255(media::from_tensor_nchw255(picture));
}

struct NamedModel {
  std::string name;
  std::unique_ptr<stylize::StyleModel> model;
};

std::vector<NamedModel> load_models(const std::vector<std::string>& names) {
  std::vector<NamedModel> models;
  for (const std::string& name : names) models.push_back({name, stylize::load_style_model(nn::find_model(name))});
  return models;
}

media::Image load_photo(const OptimizeOptions& options) {
  media::Image image = media::load_image(options.photo);
  if (std::max(image.width, image.height) > options.size) image = media::resize_long_side(image, options.size);
  if (std::min(image.width, image.height) < optimize::kMinSide)
    throw DataError("{}: {}x{} at this size, expected {} pixels or more per side", options.photo.string(), image.width,
                    image.height, optimize::kMinSide);
  return image;
}

/// The photo itself and the networks' outputs; the networks take turns while they are timed.
std::vector<OptimizedPicture> others(const std::vector<NamedModel>& models, const loss::PerceptualLoss& loss,
                                     const torch::Tensor& photo, const loss::ContentFeatures& features) {
  std::vector<OptimizedPicture> pictures{{"the photo itself", optimize::losses_of(loss, photo, features)}};
  std::vector<std::function<void()>> calls;
  for (const NamedModel& one : models) {
    pictures.push_back({one.name, optimize::losses_of(loss, rounded(one.model->run(photo)), features)});
    calls.emplace_back([&model = *one.model, &photo] { model.run(photo); });
  }
  const auto times = bench::time_in_turns(calls, kPassWarmUps, kTimedPasses);
  for (std::size_t i = 0; i < times.size(); ++i) pictures[i + 1].seconds = times[i].median_ms / 1000;
  return pictures;
}

}  // namespace

struct Optimizing::Parts {
  explicit Parts(const OptimizeOptions& asked) : options(asked) {
    const config::Config config = configuration(options);
    media::check_writable(options.output);
    check_can_write(options.output, options.force);
    set_threads(options.threads);
    models = load_models(options.models);
    photo = media::to_tensor_nchw255(load_photo(options));
    loss.emplace(loss::load_loss(config, nn::Vgg16(config.loss.vgg)));
  }

  OptimizeOptions options;
  std::vector<NamedModel> models;
  torch::Tensor photo;
  std::optional<loss::PerceptualLoss> loss;
};

Optimizing::Optimizing(const OptimizeOptions& options) : parts_(std::make_unique<Parts>(options)) {}

Optimizing::~Optimizing() = default;

std::int64_t Optimizing::width() const {
  return parts_->photo.size(3);
}

std::int64_t Optimizing::height() const {
  return parts_->photo.size(2);
}

OptimizeOutcome Optimizing::run(const std::function<void(const optimize::Progress&)>& report,
                                const std::atomic<bool>& stop) {
  const auto& [options, models, photo, loss] = *parts_;
  Laps laps;
  const auto result =
      optimize::optimize(*loss, photo, options.optimizer, [&report, &stop](const optimize::Progress& progress) {
        report(progress);
        return !stop;
      });
  const double seconds = laps.lap();
  media::save_image(options.output, media::from_tensor_nchw255(result.picture_nchw255), options.quality);

  const loss::ContentFeatures features = loss->content_features(photo);
  OptimizeOutcome outcome{
      .start = result.start, .best = result.best, .evaluations = result.evaluations, .stopped = stop};
  outcome.pictures.push_back(
      {"optimised", optimize::losses_of(*loss, rounded(result.picture_nchw255), features), seconds});
  if (!outcome.stopped && !models.empty())
    for (OptimizedPicture& one : others(models, *loss, photo, features)) outcome.pictures.push_back(std::move(one));
  return outcome;
}

}  // namespace pocketstyle::workflows
