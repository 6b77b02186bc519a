// SPDX-License-Identifier: Apache-2.0
#include "cli/compare.h"

#include "pocketstyle/core/log.h"
#include "pocketstyle/evaluate/evaluate.h"

#include <cmath>

namespace pocketstyle::cli {
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

void add_scores(const std::vector<evaluate::Subject>& subjects, const config::Config& config,
                const std::filesystem::path& nima, report::Comparison& comparison) {
  log()->info("[report] evaluating");
  const auto all = evaluate::evaluate(config, subjects, {.nima = nima});
  comparison.conditions.held_out_photos = std::ssize(all.front().photos);
  for (const results::Metric& one : evaluate::metrics()) {
    comparison.metrics.push_back(one);
    for (std::size_t i = 0; i < all.size(); ++i)
      if (all[i].values.contains(one.key)) comparison.networks[i].scores[one.key] = score(all[i], all.front(), one);
  }
  const evaluate::Evaluation photos = evaluate::evaluate_photos(config, {.nima = nima});
  for (const auto& entry : photos.values) comparison.photo_scores[entry.first] = evaluate::mean(photos, entry.first);
}

}  // namespace pocketstyle::cli
