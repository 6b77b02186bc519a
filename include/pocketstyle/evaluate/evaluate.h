// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/config/config.h"

#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pocketstyle::evaluate {

enum class Better { lower, higher, neither };

/// A figure that is measured on every validation photo: declared once, tables, JSON, help and docs follow.
struct Metric {
  std::string_view key;      ///< "total", "ssim": in JSON and of Evaluation::values
  std::string_view heading;  ///< of a table's column
  std::string_view unit;     ///< empty if it has none
  Better better;
  std::string_view help;  ///< what it is, in one sentence
  bool relative = true;   ///< false: values lie around zero, so that percent of them mean nothing
};
/// All of them, in the order of tables.
std::span<const Metric> metrics();

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

/// A value with its 95% interval by bootstrap (2,000 resamples, seeded): over photos, and over seeds where there are
/// several, which a resample draws first (few seeds say little about others: two give an interval between the two).
struct Interval {
  double value = 0, low = 0, high = 0;
};
Interval mean(const Evaluation& evaluation, std::string_view metric);
/// Of means, in the metric's unit; paired: both are resampled on the same photos. All three throw UsageError for a
/// metric that is absent, and these two for other photos.
Interval difference(const Evaluation& evaluation, const Evaluation& baseline, std::string_view metric);
/// The same in percent of the baseline's absolute value; not finite where that is zero.
Interval difference_percent(const Evaluation& evaluation, const Evaluation& baseline, std::string_view metric);
/// The one of the two that tables show: in percent, unless the metric lies around zero (Metric::relative).
Interval shown_difference(const Evaluation& evaluation, const Evaluation& baseline, const Metric& metric);

}  // namespace pocketstyle::evaluate
