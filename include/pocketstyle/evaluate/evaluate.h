// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/config/config.h"
#include "pocketstyle/results/metric.h"

#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pocketstyle::evaluate {

/// All metrics, in the order of tables: a row each of src/evaluate/metrics.cpp.
std::span<const results::Metric> metrics();

/// What is evaluated: one network, as one file or as several trained from different seeds. Files: whatever load_file
/// takes.
struct Subject {
  std::string name;
  std::vector<std::filesystem::path> files;
};

struct Evaluation {
  std::string name;
  std::vector<std::string> files, photos;  ///< photos: their paths below the folder of validation photos
  /// By metric key: [file][photo]. A metric that could not be measured is absent: no NIMA network was given, or what
  /// the log says (photos too small for it, a file for pictures of one size only, no BRISQUE model).
  std::map<std::string, std::vector<std::vector<double>>, std::less<>> values;
};

struct Options {
  std::filesystem::path nima = {};  ///< TorchScript or ONNX network with ten bins as result; empty: none
};

/// Every metric of every subject on the configuration's validation photos. Pictures go through the first runtime of
/// load_file, so what is evaluated is what is exported. Throws UsageError (no validation photos), and what load_file
/// throws.
std::vector<Evaluation> evaluate(const config::Config& config, std::span<const Subject> subjects,
                                 const Options& options = {});

/// What of this the photos have themselves, so that they can stand beside what was made of them: one file, the photos.
/// The log does not say what cannot be measured: it is the same as in evaluate().
Evaluation evaluate_photos(const config::Config& config, const Options& options = {});

/// Intervals are by bootstrap (2,000 resamples, seeded): over photos, and over seeds where there are several, which a
/// resample draws first (few seeds say little about others: two give an interval between the two).
results::Interval mean(const Evaluation& evaluation, std::string_view metric);
/// Of means, in the metric's unit; paired: both are resampled on the same photos. All three throw UsageError for a
/// metric that is absent, and these two for other photos.
results::Interval difference(const Evaluation& evaluation, const Evaluation& baseline, std::string_view metric);
/// The same in percent of the baseline's absolute value; not finite where that is zero.
results::Interval difference_percent(const Evaluation& evaluation, const Evaluation& baseline, std::string_view metric);
/// The one of the two that tables show: in percent, unless the metric lies around zero (Metric::relative).
results::Interval shown_difference(const Evaluation& evaluation, const Evaluation& baseline,
                                   const results::Metric& metric);

}  // namespace pocketstyle::evaluate
