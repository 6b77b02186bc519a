// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/report/report.h"
#include "pocketstyle/results/measured.h"
#include "pocketstyle/results/metric.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace pocketstyle::report {

/// The score of one network on one metric.
struct Score {
  results::Interval mean;
  std::optional<results::Interval> difference = {};  ///< from the baseline's mean, paired over photos
};

/// One run's losses by step.
struct Curve {
  struct Point {
    std::int64_t step = 0;
    double loss = 0;
  };
  std::vector<Point> training, validation;
};
/// Read from a run folder's metrics.jsonl, skipping incomplete lines. Empty if there is no such file.
Curve read_curve(const std::filesystem::path& run_folder);

/// A picture embedded in the page.
struct Picture {
  std::string data_uri;
  std::int64_t width = 0, height = 0;
};
std::string data_uri(const std::string& media_type, const std::string& bytes);

/// One network of a comparison; the first is the baseline of the others.
struct Network {
  std::string name;
  config::Architecture architecture;
  std::string style = {};               ///< style that it was trained for; empty: not in its file
  std::int64_t runs = 1;                ///< number of runs from different seeds that it was evaluated on
  results::MeasuredFile exported = {};  ///< the file that was timed
  std::string runtime = {};             ///< the runtime that was timed: "torchscript"
  std::optional<double> load_ms = {};
  std::optional<results::Latency> latency = {};
  std::optional<results::ProcessCost> process = {};       ///< of `pocketstyle stylize`
  std::map<std::string, Score, std::less<>> scores = {};  ///< by metric key
  std::vector<Curve> curves = {};                         ///< of those runs that have one
  std::vector<Picture> pictures = {};                     ///< one per photo
};

/// The conditions of the measurements.
struct Conditions {
  std::string date, processor, versions;
  int cores = 0, threads = 0, warm_ups = 0, repeats = 0, process_repeats = 0;
  std::int64_t height = 256, width = 256;  ///< of the picture that was timed
  std::string style;                       ///< the configuration's style, which the losses refer to
  std::int64_t held_out_photos = 0;
};

struct Photo {
  std::string name;
  Picture picture;
};

struct Comparison {
  std::vector<results::Metric> metrics;
  std::vector<Network> networks;  ///< two or more
  std::map<std::string, results::Interval, std::less<>> photo_scores =
      {};                          ///< of the photos themselves, where the metric applies
  std::vector<Photo> photos = {};  ///< those that are shown
  Conditions conditions = {};
};

/// The comparison as text, Markdown, JSON (docs/formats.md), or one self-contained HTML page. It has every table of the
/// paper (Pei et al. 2020), our numbers beside the printed ones.
std::string to_text(const Comparison& comparison);
std::string to_markdown(const Comparison& comparison);
std::string to_json(const Comparison& comparison);
std::string to_html(const Comparison& comparison);

}  // namespace pocketstyle::report
