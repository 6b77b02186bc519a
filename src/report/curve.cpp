// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/report/comparison.h"
#include "pocketstyle/run/folder.h"
#include "pocketstyle/run/metrics.h"

#include <variant>

namespace pocketstyle::report {

Curve read_curve(const std::filesystem::path& run_folder) {
  Curve curve;
  for (const run::MetricsRecord& record : run::read_metrics(run_folder / run::kMetricsName)) {
    if (const auto* step = std::get_if<run::StepRecord>(&record)) curve.training.push_back({step->step, step->total});
    if (const auto* validation = std::get_if<run::ValidationRecord>(&record))
      curve.validation.push_back({validation->step, validation->total});
  }
  return curve;
}

}  // namespace pocketstyle::report
