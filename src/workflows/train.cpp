// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/workflows/train.h"

#include "workflows/join_group.h"

#include "pocketstyle/config/load.h"
#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"
#include "pocketstyle/run/folder.h"
#include "pocketstyle/train/recorder.h"
#include "pocketstyle/train/trainer.h"
#include "pocketstyle/workflows/threads.h"

#include <filesystem>
#include <optional>

namespace pocketstyle::workflows {
namespace fs = std::filesystem;

config::Config train_config(const std::string& file, const std::vector<std::string>& overrides,
                            const std::string& resume) {
  if (resume.empty()) {
    if (file.empty()) throw UsageError("train: expected a configuration file, or --resume with a run folder");
    return config::load_config(file, overrides);
  }
  if (file.empty() && !fs::is_directory(resume))
    throw DataError("{}: expected the folder of a run, found none", resume);
  auto all = overrides;
  all.push_back("run.folder=" + resume);
  return config::load_config(file.empty() ? (fs::path(resume) / run::kConfigName).string() : file, all);
}

struct Training::Parts {
  Parts(const config::Config& run_config, bool resumed, std::shared_ptr<train::ProcessGroup> all)
      : config(run_config), resume(resumed), group(std::move(all)) {
    set_threads(config.run.threads, group->place().local_world);
    if (fs::is_directory(config.run.folder)) lock_folder();
    trainer.emplace(config, resume, group);
    lock_folder();  // created only now: a run that cannot start leaves nothing behind
    start = {.architecture = trainer->net()->architecture,
             .photos = trainer->batches().photos(),
             .step = trainer->state().step,
             .steps = trainer->measuring() ? 0 : trainer->config().train.steps,
             .minutes = trainer->config().train.minutes,
             .seconds_left = trainer->seconds_left(),
             .processes = group->world(),
             .local_processes = group->place().local_world,
             .threads = threads_in_use(),
             .leader = group->leader()};
  }

  void lock_folder() {
    if (group->leader() && !lock) lock.emplace(config.run.folder);
  }

  config::Config config;
  bool resume;
  std::shared_ptr<train::ProcessGroup> group;
  std::optional<FolderLock> lock;
  std::optional<train::Trainer> trainer;
  std::optional<train::Recorder> recorder;
  TrainStart start;
};

Training::Training(const config::Config& config, bool resume, const ProcessOptions& processes)
    : parts_(std::make_unique<Parts>(config, resume, join_group(processes))) {}

Training::~Training() = default;

const TrainStart& Training::start() const {
  return parts_->start;
}

bool Training::run(train::Observer& observer, const std::atomic<bool>& stop) {
  train::Trainer& trainer = *parts_->trainer;
  if (parts_->start.leader) {
    parts_->recorder.emplace(trainer.config(), parts_->start.step, parts_->resume, trainer.preview_photos(),
                             trainer.provenance_json());
    trainer.add_observer(*parts_->recorder);
    trainer.add_observer(observer);
  }
  return trainer.run(stop);
}

std::int64_t Training::step() const {
  return parts_->trainer->state().step;
}

std::int64_t Training::skipped_photos() const {
  return parts_->trainer->batches().skipped();
}

}  // namespace pocketstyle::workflows
