// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/config/config.h"
#include "pocketstyle/train/observer.h"
#include "pocketstyle/workflows/processes.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace pocketstyle::workflows {

/// The configuration of a run: from `file`, from the run folder `resume` to be resumed, or both. Throws UsageError if
/// there is neither, DataError if there is no such folder, and what load_config throws.
config::Config train_config(const std::string& file, const std::vector<std::string>& overrides,
                            const std::string& resume);

/// Facts about a run when it starts.
struct TrainStart {
  config::Architecture architecture;
  std::int64_t photos = 0, step = 0;       ///< step: steps done
  std::int64_t steps = 0;                  ///< 0: not known yet, depends on `minutes`
  double minutes = 0, seconds_left = 0;    ///< time for the whole run, and the part that is left; 0: no time limit
  int processes = 1, local_processes = 1;  ///< processes that train together, in total and on this machine
  int threads = 0;
  bool leader = true;  ///< this process writes the run folder
};

/// One training run in this process, which holds the run folder's lock while the object lives.
class Training {
 public:
  /// Joins the other processes, if any, and loads everything; a run that cannot start leaves nothing behind. Throws
  /// what Trainer and join throw, and UsageError if another process trains in the folder.
  Training(const config::Config& config, bool resume, const ProcessOptions& processes);
  ~Training();
  Training(const Training&) = delete;
  Training& operator=(const Training&) = delete;

  [[nodiscard]] const TrainStart& start() const;
  /// Trainer::run, plus the run folder's records. In the leader, `observer` is notified of all events. Call once per
  /// object.
  bool run(train::Observer& observer, const std::atomic<bool>& stop);
  [[nodiscard]] std::int64_t step() const;            ///< steps done
  [[nodiscard]] std::int64_t skipped_photos() const;  ///< unusable photos so far

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace pocketstyle::workflows
