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

/// All metrics, in table order: one per row of src/evaluate/metrics.cpp.
std::span<const results::Metric> metrics();

/// What is evaluated: one network, as one file or as several trained from different seeds. Files: anything that
/// load_file accepts.
struct Subject {
  std::string name;
  std::vector<std::filesystem::path> files;
};

struct Evaluation {
  std::string name;
  std::vector<std::string> files, photos;  ///< photos: paths relative to the folder of validation photos
  /// By metric key: [file][photo]. A metric that could not be measured is absent: no NIMA network was given, or for a
  /// reason in the log (photos too small, a file for one picture size only, no BRISQUE model).
  std::map<std::string, std::vector<std::vector<double>>, std::less<>> values;
};

struct Options {
  std::filesystem::path nima = {};   ///< TorchScript or ONNX network with ten output bins; empty: none
  std::filesystem::path lpips = {};  ///< the weights of LPIPS, see lpips.h; empty: none
  /// Evaluations of the loss for optimising a picture per photo ("loss_ratio"); 0: not measured. About a second each at
  /// 256 pixels on a CPU core.
  std::int64_t optimizing = 0;
};

/// Measures every metric of every subject on the configuration's validation photos. Pictures are made by the first
/// runtime of load_file, so the exported file itself is evaluated. Throws UsageError (no validation photos), and what
/// load_file throws.
std::vector<Evaluation> evaluate(const config::Config& config, std::span<const Subject> subjects,
                                 const Options& options = {});

/// The metrics that apply to the photos themselves, for comparison with the outputs: one file, the photos. Does not log
/// what cannot be measured, since evaluate() already does.
Evaluation evaluate_photos(const config::Config& config, const Options& options = {});

/// Intervals are Student's t intervals over photos, and over seeds where there are several; with few seeds they are
/// wide. With one seed they cover the choice of photos only; with one photo there is none (Interval::is_known).
results::Interval mean(const Evaluation& evaluation, std::string_view metric);
/// Difference of means, in the metric's unit; paired by photo. All three functions throw
/// UsageError for a missing metric, and the last two also if the photos differ.
results::Interval difference(const Evaluation& evaluation, const Evaluation& baseline, std::string_view metric);
/// The same in percent of the baseline's absolute value; not finite if that is zero.
results::Interval difference_percent(const Evaluation& evaluation, const Evaluation& baseline, std::string_view metric);
/// The difference that tables show: in percent, unless the metric's values are around zero (Metric::relative).
results::Interval shown_difference(const Evaluation& evaluation, const Evaluation& baseline,
                                   const results::Metric& metric);

}  // namespace pocketstyle::evaluate
