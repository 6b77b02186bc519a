// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/core/error.h"
#include "pocketstyle/core/random.h"
#include "pocketstyle/evaluate/evaluate.h"

#include <algorithm>
#include <cmath>

namespace pocketstyle::evaluate {

using results::Interval;

namespace {

constexpr std::uint64_t kResamples = 2000;
constexpr std::uint64_t kPhotoSeed = 95, kFileSeed = 96, kBaselineFileSeed = 97;
constexpr double kTail = 0.025;  // each side of a 95% interval

using Values = std::vector<std::vector<double>>;  // [file][photo]
using Indices = std::vector<std::size_t>;

const Values& values_of(const Evaluation& evaluation, std::string_view metric) {
  const auto found = evaluation.values.find(metric);
  if (found == evaluation.values.end() || found->second.empty() || found->second.front().empty())
    throw UsageError("evaluate: {} of '{}' was not measured", metric, evaluation.name);
  return found->second;
}

double mean_of(const Values& values, const Indices& files, const Indices& photos) {
  double sum = 0;
  for (const std::size_t file : files)
    for (const std::size_t photo : photos) sum += values[file][photo];
  return sum / static_cast<double>(files.size() * photos.size());
}

Indices all(std::size_t count) {
  Indices indices(count);
  for (std::size_t i = 0; i < count; ++i) indices[i] = i;
  return indices;
}

Indices drawn(std::size_t count, std::uint64_t seed, std::uint64_t resample) {
  CounterRandom random(seed, resample);
  Indices indices(count);
  for (std::size_t& index : indices)
    index = static_cast<std::size_t>(random.integer(0, static_cast<std::int64_t>(count) - 1));
  return indices;
}

/// `statistic`(mean, baseline's mean) of everything, and of each resample.
template <class Statistic>
Interval bootstrap(const Values& ours, const Values& theirs, const Statistic& statistic) {
  const std::size_t photos = ours.front().size();
  if (theirs.front().size() != photos)
    throw UsageError("evaluate: expected both on the same photos, found {} and {}", photos, theirs.front().size());
  std::vector<double> resampled;
  resampled.reserve(kResamples);
  for (std::uint64_t n = 0; n < kResamples; ++n) {
    const Indices these = drawn(photos, kPhotoSeed, n);
    resampled.push_back(statistic(mean_of(ours, drawn(ours.size(), kFileSeed, n), these),
                                  mean_of(theirs, drawn(theirs.size(), kBaselineFileSeed, n), these)));
  }
  std::sort(resampled.begin(), resampled.end());
  const auto at = [&](double share) {
    return resampled[static_cast<std::size_t>(share * static_cast<double>(kResamples - 1))];
  };
  const Indices every = all(photos);
  return {statistic(mean_of(ours, all(ours.size()), every), mean_of(theirs, all(theirs.size()), every)), at(kTail),
          at(1 - kTail)};
}

}  // namespace

Interval mean(const Evaluation& evaluation, std::string_view metric) {
  const Values& values = values_of(evaluation, metric);
  return bootstrap(values, values, [](double ours, double /*theirs*/) { return ours; });
}

Interval difference(const Evaluation& evaluation, const Evaluation& baseline, std::string_view metric) {
  return bootstrap(values_of(evaluation, metric), values_of(baseline, metric),
                   [](double ours, double theirs) { return ours - theirs; });
}

Interval difference_percent(const Evaluation& evaluation, const Evaluation& baseline, std::string_view metric) {
  return bootstrap(values_of(evaluation, metric), values_of(baseline, metric), [](double ours, double theirs) {
    return ours == theirs ? 0.0 : 100 * (ours - theirs) / std::abs(theirs);
  });
}

Interval shown_difference(const Evaluation& evaluation, const Evaluation& baseline, const results::Metric& metric) {
  return metric.relative ? difference_percent(evaluation, baseline, metric.key)
                         : difference(evaluation, baseline, metric.key);
}

}  // namespace pocketstyle::evaluate
