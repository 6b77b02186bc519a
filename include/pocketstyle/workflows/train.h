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

/// The configuration of a run: of `file`, or of the run folder `resume` that is gone on with, or of both. Throws
/// UsageError if there is neither, DataError if there is no such folder, and as load_config does.
config::Config train_config(const std::string& file, const std::vector<std::string>& overrides,
                            const std::string& resume);

/// What a run begins with.
struct TrainStart {
  config::Architecture architecture;
  std::int64_t photos = 0, step = 0;       ///< step: steps done
  int processes = 1, local_processes = 1;  ///< that train together, in all and on this machine
  int threads = 0;
  bool leader = true;  ///< this process is the one that keeps the run folder
};

/// One training run in this process, which holds the run folder's lock as long as the object lives.
class Training {
 public:
  /// Joins the other processes if there are any, and loads everything; a run that cannot start leaves nothing behind.
  /// Throws as Trainer and join do, UsageError if another process trains in the folder.
  Training(const config::Config& config, bool resume, const ProcessOptions& processes);
  ~Training();
  Training(const Training&) = delete;
  Training& operator=(const Training&) = delete;

  [[nodiscard]] const TrainStart& start() const;
  /// Trainer::run, with the run folder's records. In the leader `observer` hears of everything. Once per object.
  bool run(train::Observer& observer, const std::atomic<bool>& stop);
  [[nodiscard]] std::int64_t step() const;            ///< steps done
  [[nodiscard]] std::int64_t skipped_photos() const;  ///< found unusable so far

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace pocketstyle::workflows
