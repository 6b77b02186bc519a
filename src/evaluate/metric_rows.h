// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "evaluate/sample.h"

#include "pocketstyle/results/metric.h"

#include <optional>
#include <span>

namespace pocketstyle::evaluate {

/// A metric and how it is measured: to add one, add its row in metrics.cpp.
struct MetricRow {
  results::Metric metric;
  /// Nothing: its instrument is missing. Throws RuntimeFailure on a picture that it cannot measure.
  std::optional<double> (*measure)(Sample&);
  bool of_any_picture = false;  ///< it needs nothing but a picture, so that the photos have it too
};
std::span<const MetricRow> metric_rows();

}  // namespace pocketstyle::evaluate
