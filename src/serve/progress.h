// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "serve/folders.h"
#include "serve/metrics.h"
#include "serve/store.h"

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace pocketstyle::serve {

/// The progress of a job's training.
struct Progress {
  std::int64_t step = 0;
  std::optional<std::int64_t> planned_steps;  ///< computed from the minutes, once known
  std::optional<LossPoint> loss;
  std::optional<double> held_out_total;
  std::optional<std::int64_t> preview_step;
  std::optional<double> images_per_s, eta_s;  ///< only during training
};

/// From a run's metrics and previews.
Progress progress_of(const Job& job, const MetricsReader& metrics, const Folders& folders);

/// As stored in a job's row, without values that only apply during training.
std::string to_json(const Progress& progress);
/// Invalid text counts as no progress.
Progress progress_from_json(const std::string& json);

/// The progress of any job: of open jobs from their runs' files, of others as stored. May be called from any thread.
class ProgressBoard {
 public:
  explicit ProgressBoard(Folders folders) : folders_(std::move(folders)) {}
  void open(const std::string& id);
  void close(const std::string& id);
  Progress progress(const Job& job);

 private:
  Folders folders_;
  std::mutex mutex_;
  std::map<std::string, std::unique_ptr<MetricsReader>> readers_;
};

}  // namespace pocketstyle::serve
