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

/// Of one network by one metric.
struct Score {
  results::Interval mean;
  std::optional<results::Interval> difference = {};  ///< to the baseline's mean, paired over photos
};

/// The losses of one run by its steps.
struct Curve {
  struct Point {
    std::int64_t step = 0;
    double loss = 0;
  };
  std::vector<Point> training, validation;
};
/// From a run folder's metrics.jsonl; lines that are not whole are passed over. Empty if there is no such file.
Curve read_curve(const std::filesystem::path& run_folder);

/// A picture inside the page.
struct Picture {
  std::string data_uri;
  std::int64_t width = 0, height = 0;
};
std::string data_uri(const std::string& media_type, const std::string& bytes);

/// One network of a comparison; the first is what the others are measured against.
struct Network {
  std::string name;
  config::Architecture architecture;
  std::string style = {};               ///< of the picture it was trained on; empty: its file does not say
  std::int64_t runs = 1;                ///< how many, trained from different seeds, stand for it
  results::MeasuredFile exported = {};  ///< what was timed
  std::string runtime = {};             ///< that ran it: "torchscript"
  std::optional<double> load_ms = {};
  std::optional<results::Latency> latency = {};
  std::optional<results::ProcessCost> process = {};       ///< of `pocketstyle stylize`
  std::map<std::string, Score, std::less<>> scores = {};  ///< by metric key
  std::vector<Curve> curves = {};                         ///< of those runs that have one
  std::vector<Picture> pictures = {};                     ///< one a photo
};

/// How things were measured.
struct Conditions {
  std::string date, processor, versions;
  int cores = 0, threads = 0, warm_ups = 0, repeats = 0, process_repeats = 0;
  std::int64_t height = 256, width = 256;  ///< of what was timed
  std::string style;                       ///< the configuration's, which the losses are of
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
      {};                          ///< the photos' own, of metrics that they have
  std::vector<Photo> photos = {};  ///< that are shown
  Conditions conditions = {};
};

/// The comparison as a text, Markdown, JSON (docs/formats.md), or one HTML page that needs nothing else. It has the
/// form of every table of the paper (Pei et al. 2020), ours beside what the paper prints.
std::string to_text(const Comparison& comparison);
std::string to_markdown(const Comparison& comparison);
std::string to_json(const Comparison& comparison);
std::string to_html(const Comparison& comparison);

}  // namespace pocketstyle::report
