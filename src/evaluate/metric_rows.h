// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "evaluate/sample.h"

#include "pocketstyle/results/metric.h"

#include <optional>
#include <span>

namespace pocketstyle::evaluate {

/// A metric and the function that measures it. To add one, add its row in metrics.cpp.
struct MetricRow {
  results::Metric metric;
  /// Returns nothing if its model is missing. Throws RuntimeFailure on a picture that it cannot measure.
  std::optional<double> (*measure)(Sample&);
  bool of_any_picture = false;  ///< needs only one picture, so it also applies to the photos
};
std::span<const MetricRow> metric_rows();

}  // namespace pocketstyle::evaluate
