// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/evaluate/evaluate.h"

#include "evaluate/metric_rows.h"
#include "evaluate/sample.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/log.h"
#include "pocketstyle/data/photos.h"
#include "pocketstyle/data/style.h"
#include "pocketstyle/export/runtime.h"
#include "pocketstyle/loss/load.h"

#include <set>
#include <utility>

namespace pocketstyle::evaluate {
namespace {

/// All metrics but the loss; `warns`: log what is missing.
Instruments instruments_of(const Options& options, bool warns) {
  Instruments instruments;
  instruments.optimizing = options.optimizing;
  if (!options.nima.empty()) instruments.nima = std::make_unique<Nima>(options.nima);
  if (!options.lpips.empty()) instruments.lpips = std::make_unique<Lpips>(options.lpips);
  try {
    instruments.brisque = std::make_unique<media::Brisque>();
  } catch (const DataError& error) {
    if (warns) log()->warn("[evaluate] brisque is not measured: {}", error.what());
  }
  return instruments;
}

/// Stores values in evaluations; a metric that fails is removed from its evaluation. `warns`: log why.
class Measurer {
 public:
  explicit Measurer(bool warns) : warns_(warns) {}

  void measure(Sample& sample, const MetricRow& row, std::size_t file, Evaluation& evaluation) {
    const std::string& key = row.metric.key;
    if (failed_.contains({&evaluation, key})) return;
    try {
      const std::optional<double> value = row.measure(sample);
      if (!value) return;
      auto& values = evaluation.values[key];
      values.resize(evaluation.files.size());
      values[file].push_back(*value);
    } catch (const RuntimeFailure& error) {
      failed_.emplace(&evaluation, key);
      evaluation.values.erase(key);
      if (warns_) log()->warn("[evaluate] {}: {} is not measured: {}", evaluation.name, key, error.what());
    }
  }

 private:
  bool warns_;
  std::set<std::pair<const Evaluation*, std::string>> failed_;
};

std::vector<torch::Tensor> load_photos(const config::Config& config, std::vector<std::string>& names) {
  std::vector<torch::Tensor> pictures = data::load_validation_photos(config.data, &names);
  if (pictures.empty()) throw UsageError("data.held_out: expected a folder of photos to evaluate on");
  return pictures;
}

}  // namespace

std::vector<Evaluation> evaluate(const config::Config& config, std::span<const Subject> subjects,
                                 const Options& options) {
  const torch::NoGradGuard no_grad;
  std::vector<std::vector<Stylise>> networks;  // loaded first, so that a wrong file is reported at once
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
  const std::vector<torch::Tensor> pictures = load_photos(config, names);
  for (Evaluation& evaluation : all) evaluation.photos = names;
  Instruments instruments = instruments_of(options, /*warns=*/true);
  const data::Style style = data::load_style(config);
  instruments.style_nchw255 = style.pictures_nchw255.front();
  instruments.loss = std::make_unique<loss::PerceptualLoss>(loss::load_loss(config, nn::Vgg16(config.loss.vgg), style));
  Measurer measurer(/*warns=*/true);
  for (const torch::Tensor& picture : pictures) {
    Sample photo(instruments, picture);
    for (std::size_t subject = 0; subject < all.size(); ++subject)
      for (std::size_t file = 0; file < networks[subject].size(); ++file) {
        Sample sample(photo, networks[subject][file]);
        for (const MetricRow& row : metric_rows()) measurer.measure(sample, row, file, all[subject]);
      }
  }
  return all;
}

Evaluation evaluate_photos(const config::Config& config, const Options& options) {
  const torch::NoGradGuard no_grad;
  Evaluation own{.name = "the photos", .files = {""}, .photos = {}, .values = {}};
  const Instruments instruments = instruments_of(options, /*warns=*/false);
  Measurer measurer(/*warns=*/false);
  for (const torch::Tensor& picture : load_photos(config, own.photos)) {
    Sample photo(instruments, picture);
    for (const MetricRow& row : metric_rows())
      if (row.of_any_picture) measurer.measure(photo, row, 0, own);
  }
  return own;
}

}  // namespace pocketstyle::evaluate
