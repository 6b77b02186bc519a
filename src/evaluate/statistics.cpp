// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/core/error.h"
#include "pocketstyle/evaluate/evaluate.h"

#include <array>
#include <cmath>
#include <limits>
#include <numeric>

namespace pocketstyle::evaluate {

using results::Interval;

namespace {

using Values = std::vector<std::vector<double>>;  // [file][photo]

const Values& values_of(const Evaluation& evaluation, std::string_view metric) {
  const auto found = evaluation.values.find(metric);
  if (found == evaluation.values.end() || found->second.empty() || found->second.front().empty())
    throw UsageError("evaluate: {} of '{}' was not measured", metric, evaluation.name);
  return found->second;
}

/// The 97.5% quantile of Student's t.
double student_t(std::size_t degrees) {
  constexpr std::array kFew = {12.706205, 4.302653, 3.182446, 2.776445, 2.570582,
                               2.446912,  2.364624, 2.306004, 2.262157};
  if (degrees <= kFew.size()) return kFew.at(degrees - 1);
  // Abramowitz and Stegun 26.7.5, exact to 1e-5 from here on.
  const double z = 1.959963985, n = static_cast<double>(degrees), z2 = z * z;
  return z * (1 + (z2 + 1) / (4 * n) + ((5 * z2 + 16) * z2 + 3) / (96 * n * n) +
              (((3 * z2 + 19) * z2 + 17) * z2 - 15) / (384 * n * n * n) +
              ((((79 * z2 + 776) * z2 + 1482) * z2 - 1920) * z2 - 945) / (92160 * n * n * n * n));
}

double mean_of(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}
double squares_of(const std::vector<double>& values) {
  const double mean = mean_of(values);
  double sum = 0;
  for (const double value : values) sum += (value - mean) * (value - mean);
  return sum;
}

std::vector<double> by_photo(const Values& values) {
  std::vector<double> means(values.front().size());
  for (const std::vector<double>& file : values)
    for (std::size_t i = 0; i < means.size(); ++i) means[i] += file[i] / static_cast<double>(values.size());
  return means;
}
std::vector<double> by_seed(const Values& values) {
  std::vector<double> means;
  for (const std::vector<double>& file : values) means.push_back(mean_of(file));
  return means;
}

/// Margin of a mean over photos.
double photo_margin(const std::vector<double>& values) {
  if (values.size() < 2) return std::numeric_limits<double>::infinity();
  const auto n = static_cast<double>(values.size());
  return student_t(values.size() - 1) * std::sqrt(squares_of(values) / (n - 1) / n);
}

/// Margin of a difference of means over seeds, with one variance for both networks (two or three seeds alone estimate
/// it badly); 0 if each has one seed, so that nothing is known about it. Without `theirs`: of a mean.
double seed_margin(const std::vector<double>& ours, const std::vector<double>& theirs = {}) {
  const std::size_t count = ours.size() + theirs.size(), means = theirs.empty() ? 1 : 2;
  if (count == means) return 0;
  const auto n = static_cast<double>(ours.size()), m = static_cast<double>(theirs.size());
  const double squares = squares_of(ours) + (theirs.empty() ? 0 : squares_of(theirs));
  const double share = 1 / n + (theirs.empty() ? 0 : 1 / m);
  return student_t(count - means) * std::sqrt(squares / static_cast<double>(count - means) * share);
}

/// The two margins are independent, so their squares add up (Zou and Donner 2008).
Interval around(double value, double photos, double seeds) {
  const double margin = std::hypot(photos, seeds);
  return {value, value - margin, value + margin};
}

/// The interval around `value` of a difference that is `unit` * (ours - `share` * theirs) for each photo and seed.
Interval difference_around(double value, const Values& ours, const Values& theirs, double unit, double share) {
  std::vector<double> photos = by_photo(ours);
  const std::vector<double> their_photos = by_photo(theirs);
  for (std::size_t i = 0; i < photos.size(); ++i) photos[i] = unit * (photos[i] - share * their_photos[i]);
  std::vector<double> seeds = by_seed(ours), their_seeds = by_seed(theirs);
  for (double& seed : seeds) seed *= unit;
  for (double& seed : their_seeds) seed *= unit * share;
  return around(value, photo_margin(photos), seed_margin(seeds, their_seeds));
}

void check_same_photos(const Values& ours, const Values& theirs) {
  if (theirs.front().size() != ours.front().size())
    throw UsageError("evaluate: expected the same number of photos for both, found {} and {}", ours.front().size(),
                     theirs.front().size());
}

}  // namespace

Interval mean(const Evaluation& evaluation, std::string_view metric) {
  const Values& values = values_of(evaluation, metric);
  const std::vector<double> photos = by_photo(values);
  return around(mean_of(photos), photo_margin(photos), seed_margin(by_seed(values)));
}

Interval difference(const Evaluation& evaluation, const Evaluation& baseline, std::string_view metric) {
  const Values &ours = values_of(evaluation, metric), &theirs = values_of(baseline, metric);
  check_same_photos(ours, theirs);
  return difference_around(mean_of(by_photo(ours)) - mean_of(by_photo(theirs)), ours, theirs, 1, 1);
}

Interval difference_percent(const Evaluation& evaluation, const Evaluation& baseline, std::string_view metric) {
  const Values &ours = values_of(evaluation, metric), &theirs = values_of(baseline, metric);
  check_same_photos(ours, theirs);
  const double our_mean = mean_of(by_photo(ours)), their_mean = mean_of(by_photo(theirs));
  if (our_mean == their_mean && ours == theirs) return {0, 0, 0};
  const double unit = 100 / std::abs(their_mean);  // a quotient of means, linear around what was found
  return difference_around(unit * (our_mean - their_mean), ours, theirs, unit, our_mean / their_mean);
}

Interval shown_difference(const Evaluation& evaluation, const Evaluation& baseline, const results::Metric& metric) {
  return metric.relative ? difference_percent(evaluation, baseline, metric.key)
                         : difference(evaluation, baseline, metric.key);
}

}  // namespace pocketstyle::evaluate
