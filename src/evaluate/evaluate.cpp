// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/evaluate/evaluate.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/log.h"
#include "pocketstyle/data/photos.h"
#include "pocketstyle/data/style.h"
#include "pocketstyle/evaluate/nima.h"
#include "pocketstyle/evaluate/picture_metrics.h"
#include "pocketstyle/export/runtime.h"
#include "pocketstyle/loss/perceptual_loss.h"
#include "pocketstyle/media/quality.h"
#include "pocketstyle/media/tensor.h"

#include <functional>
#include <set>
#include <utility>

namespace pocketstyle::evaluate {
namespace {

/// A photo and what is needed of it for every network.
struct Photo {
  torch::Tensor picture;
  std::vector<torch::Tensor> taps;
};

/// One network's result for a photo, with what several metrics need.
struct Sample {
  const Photo& photo;
  const Stylise& stylise;
  torch::Tensor output;
  std::vector<torch::Tensor> taps;
  run::LossTerms loss = {};
  Nima::Score nima = {};
};

/// Measures everything but what it could not get the means for.
class Judge {
 public:
  Judge(const config::Config& config, const data::Style& style, const Options& options)
      : loss_(config.loss, nn::Vgg16(config.loss.vgg, torch::kCPU), style.pictures_nchw255, torch::kFloat32,
              style.shares) {
    add("content", [](const Sample& s) { return s.loss.content; });
    add("style", [](const Sample& s) { return s.loss.style; });
    add("tv", [](const Sample& s) { return s.loss.tv; });
    add("total", [](const Sample& s) { return s.loss.total(); });
    add("ssim", [](const Sample& s) { return ssim(s.output, s.photo.picture); });
    add("vgg_distance", [](const Sample& s) { return vgg_distance(s.taps, s.photo.taps); });
    add_brisque();
    if (!options.nima.empty()) {
      nima_ = std::make_unique<Nima>(options.nima);
      add("nima_mean", [](const Sample& s) { return s.nima.mean; });
      add("nima_spread", [](const Sample& s) { return s.nima.spread; });
    }
    add("border_error", [](const Sample& s) { return border_error(s.stylise, s.photo.picture, s.output); });
    add("border_line", [](const Sample& s) { return border_line(s.output, s.photo.picture); });
    add("grid_energy", [](const Sample& s) { return grid_energy(s.output); });
    add("flicker", [](const Sample& s) { return flicker(s.stylise, s.photo.picture); });
  }

  [[nodiscard]] Photo prepared(const torch::Tensor& picture) const { return {picture, taps(picture)}; }

  /// Adds the photo's values to those of `file`; a metric that fails leaves the evaluation, and the log says why.
  void measure(const Photo& photo, const Stylise& stylise, std::size_t file, Evaluation& evaluation) {
    Sample sample{.photo = photo, .stylise = stylise, .output = stylise(photo.picture), .taps = {}};
    sample.taps = taps(sample.output);
    sample.loss = loss_.terms(sample.output, sample.taps, photo.taps).values();
    if (nima_ != nullptr) sample.nima = nima_->score(sample.output);
    for (const auto& [key, value_of] : measures_) {
      if (failed_.contains({&evaluation, key})) continue;
      try {
        const double value = value_of(sample);
        auto& values = evaluation.values[std::string(key)];
        values.resize(evaluation.files.size());
        values[file].push_back(value);
      } catch (const RuntimeFailure& error) {
        failed_.emplace(&evaluation, key);
        evaluation.values.erase(std::string(key));
        log()->warn("[evaluate] {}: {} is not measured: {}", evaluation.name, key, error.what());
      }
    }
  }

 private:
  void add(std::string_view key, std::function<double(const Sample&)> value_of) {
    measures_.emplace_back(key, std::move(value_of));
  }

  void add_brisque() {
    try {
      const auto brisque = std::make_shared<const media::Brisque>();
      add("brisque", [brisque](const Sample& s) { return brisque->score(media::from_tensor_nchw255(s.output)); });
    } catch (const DataError& error) {
      log()->warn("[evaluate] brisque is not measured: {}", error.what());
    }
  }

  [[nodiscard]] std::vector<torch::Tensor> taps(const torch::Tensor& picture) const {
    return loss_.vgg().features(picture, nn::VggTap::relu4_3);
  }

  loss::PerceptualLoss loss_;
  std::unique_ptr<Nima> nima_;
  std::vector<std::pair<std::string_view, std::function<double(const Sample&)>>> measures_;
  std::set<std::pair<const Evaluation*, std::string_view>> failed_;
};

}  // namespace

std::vector<Evaluation> evaluate(const config::Config& config, std::span<const Subject> subjects,
                                 const Options& options) {
  const torch::NoGradGuard no_grad;
  std::vector<std::vector<Stylise>> networks;  // first, since a wrong file should not show after a minute
  std::vector<Evaluation> all;
  for (const Subject& subject : subjects) {
    networks.emplace_back();
    all.push_back({.name = subject.name, .files = {}, .photos = {}, .values = {}});
    for (const std::filesystem::path& path : subject.files) {
      networks.back().emplace_back([run = exporting::load_file(path).runtimes.front().run](const torch::Tensor& x) {
        return run(x / 255) * 255;
      });
      all.back().files.push_back(path.string());
    }
  }
  std::vector<std::string> names;
  const std::vector<torch::Tensor> pictures = data::load_validation_photos(config.data, &names);
  if (pictures.empty()) throw UsageError("data.held_out: expected a folder of photos to evaluate on");
  Judge judge(config, data::load_style(config), options);
  for (Evaluation& evaluation : all) evaluation.photos = names;
  for (const torch::Tensor& picture : pictures) {
    const Photo photo = judge.prepared(picture);
    for (std::size_t subject = 0; subject < all.size(); ++subject)
      for (std::size_t file = 0; file < networks[subject].size(); ++file)
        judge.measure(photo, networks[subject][file], file, all[subject]);
  }
  return all;
}

}  // namespace pocketstyle::evaluate
