// SPDX-License-Identifier: Apache-2.0
#include "cli/compare.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/log.h"
#include "pocketstyle/data/photos.h"
#include "pocketstyle/evaluate/evaluate.h"
#include "pocketstyle/evaluate/nima.h"
#include "pocketstyle/evaluate/picture_metrics.h"
#include "pocketstyle/media/quality.h"
#include "pocketstyle/media/tensor.h"

#include <torch/torch.h>

#include <cmath>
#include <functional>

namespace pocketstyle::cli {
namespace {

report::Interval interval(const evaluate::Interval& from) {
  return {from.value, from.low, from.high};
}

report::Metric metric(const evaluate::Metric& from) {
  const auto better = from.better == evaluate::Better::lower    ? report::Better::lower
                      : from.better == evaluate::Better::higher ? report::Better::higher
                                                                : report::Better::neither;
  return {std::string(from.key), std::string(from.heading), std::string(from.unit), better, std::string(from.help),
          from.relative};
}

report::Score score(const evaluate::Evaluation& one, const evaluate::Evaluation& baseline,
                    const evaluate::Metric& metric) {
  report::Score score{interval(evaluate::mean(one, metric.key)), {}};
  if (!baseline.values.contains(metric.key)) return score;
  const report::Interval difference = interval(evaluate::shown_difference(one, baseline, metric));
  if (std::isfinite(difference.value + difference.low + difference.high)) score.difference = difference;
  return score;
}

/// The metrics that a photo has by itself, so that it can stand beside what was made of it.
evaluate::Evaluation photo_values(const config::Config& config, const std::filesystem::path& nima) {
  const torch::NoGradGuard no_grad;
  evaluate::Evaluation own{.name = "the photos", .files = {""}, .photos = {}, .values = {}};
  const auto photos = data::load_validation_photos(config.data, &own.photos);
  const auto measure = [&](const std::string& key, const std::function<double(const torch::Tensor&)>& value) {
    std::vector<double> values;
    for (const torch::Tensor& photo : photos) values.push_back(value(photo));
    own.values[key] = {std::move(values)};
  };
  try {
    measure("grid_energy", evaluate::grid_energy);
    if (!nima.empty()) {
      const evaluate::Nima network(nima);
      measure("nima_mean", [&](const torch::Tensor& photo) { return network.score(photo).mean; });
      measure("nima_spread", [&](const torch::Tensor& photo) { return network.score(photo).spread; });
    }
    const media::Brisque brisque;
    measure("brisque", [&](const torch::Tensor& photo) { return brisque.score(media::from_tensor_nchw255(photo)); });
  } catch (const Error&) {
    // Photos too small for it, or no BRISQUE here: the evaluation has said so.
  }
  return own;
}

}  // namespace

void add_scores(const std::vector<evaluate::Subject>& subjects, const config::Config& config,
                const std::filesystem::path& nima, report::Comparison& comparison) {
  log()->info("[report] evaluating");
  const auto all = evaluate::evaluate(config, subjects, {.nima = nima});
  comparison.conditions.held_out_photos = std::ssize(all.front().photos);
  for (const evaluate::Metric& one : evaluate::metrics()) {
    comparison.metrics.push_back(metric(one));
    for (std::size_t i = 0; i < all.size(); ++i)
      if (all[i].values.contains(one.key))
        comparison.networks[i].scores[std::string(one.key)] = score(all[i], all.front(), one);
  }
  const evaluate::Evaluation photos = photo_values(config, nima);
  for (const auto& entry : photos.values)
    comparison.photo_scores[entry.first] = interval(evaluate::mean(photos, entry.first));
}

}  // namespace pocketstyle::cli
