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

/// How far a job's training is.
struct Progress {
  std::int64_t step = 0;
  std::optional<LossPoint> loss;
  std::optional<double> held_out_total;
  std::optional<std::int64_t> preview_step;
  std::optional<double> images_per_s, eta_s;  ///< while it trains
};

/// From a run's metrics and the previews beside them.
Progress progress_of(const Job& job, const MetricsReader& metrics, const Folders& folders);

/// As a job's row keeps it, without what holds only while it trains.
std::string to_json(const Progress& progress);
/// What cannot be read is taken as no progress.
Progress progress_from_json(const std::string& json);

/// The progress of any job: of those that are open, from their runs' files, of the others as it was kept. For any
/// thread.
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
