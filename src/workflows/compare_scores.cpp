// SPDX-License-Identifier: Apache-2.0
#include "workflows/comparison_parts.h"

#include "pocketstyle/evaluate/evaluate.h"

#include <cmath>

namespace pocketstyle::workflows {
namespace {

report::Score score(const evaluate::Evaluation& one, const evaluate::Evaluation& baseline,
                    const results::Metric& metric) {
  report::Score score{evaluate::mean(one, metric.key), {}};
  if (!baseline.values.contains(metric.key)) return score;
  const results::Interval difference = evaluate::shown_difference(one, baseline, metric);
  if (std::isfinite(difference.value + difference.low + difference.high)) score.difference = difference;
  return score;
}

}  // namespace

void add_scores(const std::vector<evaluate::Evaluation>& evaluations, const evaluate::Evaluation& photos,
                report::Comparison& comparison) {
  comparison.conditions.held_out_photos = std::ssize(evaluations.front().photos);
  for (const results::Metric& one : evaluate::metrics()) {
    comparison.metrics.push_back(one);
    for (std::size_t i = 0; i < evaluations.size(); ++i)
      if (evaluations[i].values.contains(one.key))
        comparison.networks[i].scores[one.key] = score(evaluations[i], evaluations.front(), one);
  }
  for (const auto& entry : photos.values) comparison.photo_scores[entry.first] = evaluate::mean(photos, entry.first);
}

}  // namespace pocketstyle::workflows
