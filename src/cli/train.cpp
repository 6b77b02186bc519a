// SPDX-License-Identifier: Apache-2.0
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/processes.h"
#include "cli/progress.h"
#include "cli/stop_signals.h"

#include "pocketstyle/config/load.h"
#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"
#include "pocketstyle/nn/weights.h"
#include "pocketstyle/run/folder.h"
#include "pocketstyle/train/recorder.h"
#include "pocketstyle/train/trainer.h"

#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace pocketstyle::cli {
namespace {

struct TrainOptions {
  std::string config;
  std::vector<std::string> overrides;
  std::string resume;
  ProcessOptions processes;
};

config::Config configuration(const TrainOptions& options) {
  if (options.resume.empty()) {
    if (options.config.empty()) throw UsageError("train: expected a configuration file, or --resume with a run folder");
    return config::load_config(options.config, options.overrides);
  }
  if (options.config.empty() && !std::filesystem::is_directory(options.resume))
    throw DataError("{}: expected the folder of a run, found none", options.resume);
  const std::string file = options.config.empty() ? options.resume + "/" + run::kConfigName : options.config;
  auto overrides = options.overrides;
  overrides.push_back("run.folder=" + options.resume);
  return config::load_config(file, overrides);
}

/// The last lines of a run.
void say_result(const train::Trainer& trainer, const config::Config& config, const Progress& progress,
                const train::Place& place, std::int64_t first_step, bool done) {
  const std::string summary = progress.phase_summary();
  if (!summary.empty()) std::cout << summary << "\n";
  if (trainer.batches().skipped() > 0) std::cout << trainer.batches().skipped() << " photos were skipped (see above)\n";
  if (!done) {
    const std::string processes =
        place.local_world > 1 ? fmt::format(" --nproc-per-node {}", place.local_world) : std::string();
    std::cout << fmt::format("stopped at step {}; go on with: pocketstyle train --resume {}{}\n", trainer.state().step,
                             config.run.folder.string(), processes);
    return;
  }
  if (progress.last_validation() > 0 && first_step == 0)
    std::cout << fmt::format("validation loss {:.0f} at step 0, {:.0f} now: {:.1f}%\n", progress.first_validation(),
                             progress.last_validation(),
                             100 * progress.last_validation() / progress.first_validation());
  std::cout << "weights: " << (config.run.folder / run::kFinalWeightsName).string() << "\n";
}

/// Trains as one of the processes of `group`; only its leader writes records and prints.
void train_in(const std::shared_ptr<train::ProcessGroup>& group, const config::Config& config, bool resume) {
  set_threads(config.run.threads, group->place().local_world);
  std::optional<FolderLock> lock;
  const auto lock_folder = [&] {
    if (group->leader() && !lock) lock.emplace(config.run.folder);
  };
  if (std::filesystem::is_directory(config.run.folder)) lock_folder();
  train::Trainer trainer(config, resume, group);
  lock_folder();  // made only now: a run that cannot start leaves nothing
  const std::int64_t first_step = trainer.state().step;
  Progress progress(first_step, config.train.steps, config.run.log_every);
  std::optional<train::Recorder> recorder;
  if (group->leader()) {
    const std::string processes = group->world() > 1 ? fmt::format("{} processes with ", group->world()) : "";
    std::cout << fmt::format("{} on {}, {} photos, steps {} to {}, {}{} threads, run folder {}\n",
                             config::describe(trainer.net()->architecture), config.style.image.filename().string(),
                             trainer.batches().photos(), first_step, config.train.steps, processes,
                             torch::get_num_threads(), config.run.folder.string());
    recorder.emplace(config, first_step, resume, trainer.preview_photos(), trainer.provenance_json());
    trainer.add_observer(*recorder);
    trainer.add_observer(progress);
  }

  StopSignals signals;
  const bool done = trainer.run(signals.requested());
  if (group->leader()) say_result(trainer, config, progress, group->place(), first_step, done);
  std::cout.flush();
  // Only now: a process that stopped a moment earlier makes the starting one tell the others to.
  signals.release();
  // The signal may have come to another process only.
  if (!done) throw CLI::RuntimeError(signals.exit_code());
}

void run_train(const TrainOptions& options) {
  const config::Config config = configuration(options);
  if (starts_others(options.processes)) {
    const int code = start_others(options.processes);
    if (code != 0) throw CLI::RuntimeError(code);
    return;
  }
  train_in(join_group(options.processes), config, !options.resume.empty());
}

}  // namespace

void add_train(CLI::App& app) {
  auto options = std::make_shared<TrainOptions>();
  CLI::App* command = app.add_subcommand("train", "Train a style network from a YAML configuration");
  command->add_option("config", options->config, "YAML file; see pocketstyle config for every key")
      ->check(CLI::ExistingFile);
  add_overrides(*command, options->overrides, "Replace one key: --set train.steps=1000 (may be repeated)");
  command->add_option("--resume", options->resume, "Go on with the run in this folder, from its newest checkpoint")
      ->type_name("FOLDER");
  add_process_options(*command, options->processes);
  command->footer(
      "Examples:\n"
      "  pocketstyle train configs/starry_night.yaml\n"
      "  pocketstyle train configs/starry_night.yaml --set net.preset=mini --set run.folder=runs/mini\n"
      "  pocketstyle train --resume runs/mini\n"
      "  pocketstyle train configs/starry_night.yaml --nproc-per-node 4\n"
      "  pocketstyle train mine.yaml --nnodes 2 --node-rank 1 --master-addr 10.0.0.1   (and on 10.0.0.1: --node-rank "
      "0)\n"
      "Ctrl-C stops at the end of the step and leaves a checkpoint.");
  command->callback([options] { run_train(*options); });
}

}  // namespace pocketstyle::cli
