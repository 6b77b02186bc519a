// SPDX-License-Identifier: Apache-2.0
#include "workflows/comparison_parts.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/data/photos.h"
#include "pocketstyle/evaluate/nima.h"
#include "pocketstyle/evaluate/picture_metrics.h"
#include "pocketstyle/media/quality.h"
#include "pocketstyle/media/tensor.h"

#include <torch/torch.h>

#include <cmath>
#include <functional>

namespace pocketstyle::workflows {
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

}  // namespace

evaluate::Evaluation evaluate_photos(const config::Config& config, const std::filesystem::path& nima) {
  const torch::NoGradGuard no_grad;
  evaluate::Evaluation own{.name = "the photos", .files = {""}, .photos = {}, .values = {}};
  const auto photos = data::load_validation_photos(config.data, &own.photos);
  const auto measure = [&](const std::string& key, const std::function<double(const torch::Tensor&)>& value) {
    std::vector<double> values;
    try {
      for (const torch::Tensor& photo : photos) values.push_back(value(photo));
    } catch (const RuntimeFailure&) {
      return;  // photos too small for it: the networks' evaluation has said so
    }
    own.values[key] = {std::move(values)};
  };
  measure("grid_energy", evaluate::grid_energy);
  if (!nima.empty()) {
    const evaluate::Nima network(nima);
    measure("nima_mean", [&](const torch::Tensor& photo) { return network.score(photo).mean; });
    measure("nima_spread", [&](const torch::Tensor& photo) { return network.score(photo).spread; });
  }
  try {
    const media::Brisque brisque;
    measure("brisque", [&](const torch::Tensor& photo) { return brisque.score(media::from_tensor_nchw255(photo)); });
  } catch (const DataError&) {
    // No BRISQUE here: the networks' evaluation has said so.
  }
  return own;
}

void add_scores(const std::vector<evaluate::Evaluation>& evaluations, const evaluate::Evaluation& photos,
                report::Comparison& comparison) {
  comparison.conditions.held_out_photos = std::ssize(evaluations.front().photos);
  for (const evaluate::Metric& one : evaluate::metrics()) {
    comparison.metrics.push_back(metric(one));
    for (std::size_t i = 0; i < evaluations.size(); ++i)
      if (evaluations[i].values.contains(one.key))
        comparison.networks[i].scores[std::string(one.key)] = score(evaluations[i], evaluations.front(), one);
  }
  for (const auto& entry : photos.values)
    comparison.photo_scores[entry.first] = interval(evaluate::mean(photos, entry.first));
}

}  // namespace pocketstyle::workflows
