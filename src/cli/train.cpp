// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/workflows/train.h"

#include "cli/commands.h"
#include "cli/options.h"
#include "cli/processes.h"
#include "cli/progress.h"
#include "cli/stop_signals.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/signals.h"
#include "pocketstyle/nn/model_files.h"
#include "pocketstyle/run/folder.h"

#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

namespace pocketstyle::cli {
namespace {

struct TrainArguments {
  std::string config, resume;
  std::vector<std::string> overrides;
  double minutes = 0;
  workflows::ProcessOptions processes;
};

/// Prints the first line of a run.
void say_start(const workflows::TrainStart& start, const config::Config& config) {
  const std::string processes = start.processes > 1 ? fmt::format("{} processes with ", start.processes) : "";
  // Says which one counts if both are in the configuration.
  const std::string length =
      start.steps > 0 ? fmt::format("steps {} to {}", start.step, start.steps)
                      : fmt::format("from step {} for {:g} minutes (train.minutes, not train.steps), until {}",
                                    start.step, start.minutes, clock_text(start.seconds_left));
  std::cout << fmt::format("{} on {}, {} photos, {}, {}{} threads, run folder {}\n",
                           config::describe(start.architecture), config.style.image.filename().string(), start.photos,
                           length, processes, start.threads, config.run.folder.string());
}

/// Prints the last lines of a run.
void say_result(const workflows::Training& training, const config::Config& config, const Progress& progress,
                bool done) {
  const std::string summary = progress.phase_summary();
  if (!summary.empty()) std::cout << summary << "\n";
  if (training.skipped_photos() > 0) std::cout << training.skipped_photos() << " photos were skipped (see above)\n";
  if (!done) {
    const int here = training.start().local_processes;
    std::cout << fmt::format("stopped at step {}; continue with: pocketstyle train --resume {}{}\n", training.step(),
                             config.run.folder.string(), here > 1 ? fmt::format(" --nproc-per-node {}", here) : "");
    return;
  }
  if (progress.last_validation() > 0 && training.start().step == 0)
    std::cout << fmt::format("validation loss {:.0f} at step 0, {:.0f} now: {:.1f}%\n", progress.first_validation(),
                             progress.last_validation(),
                             100 * progress.last_validation() / progress.first_validation());
  const std::filesystem::path& folder = config.run.folder;
  std::cout << "weights: " << (folder / run::kFinalWeightsName).string() << "\n";
  std::error_code ignored;
  if (const auto sheet = folder / run::kContactSheetName; std::filesystem::exists(sheet, ignored))
    std::cout << "how its pictures changed: " << sheet.string() << "\n";
  std::cout << fmt::format(
      "use it: pocketstyle stylize {0} photo.jpg -o styled.jpg\n"
      "for a phone: pocketstyle export {0} -o out\n",
      folder.string());
}

/// Trains in this process, which prints only if it is the leader.
void train_here(const TrainArguments& arguments, const config::Config& config) {
  workflows::Training training(config, !arguments.resume.empty(), arguments.processes);
  const workflows::TrainStart& start = training.start();
  Progress progress(start.steps, config.run.log_every);
  if (start.leader) say_start(start, config);
  StopSignals signals;
  const bool done = training.run(progress, signals.requested());
  if (start.leader) say_result(training, config, progress, done);
  std::cout.flush();
  if (!std::cout) {  // for example a full disk; the weights are what matters
    std::cerr << "pocketstyle: writing to standard output failed; the run folder is complete\n";
    std::cout.clear();
  }
  // Only now: when a process stops earlier, the launcher tells the others to stop.
  signals.release();
  // The signal may have reached another process only.
  if (!done) throw CLI::RuntimeError(signals.exit_code());
}

void run_train(TrainArguments& arguments) {
  if (arguments.minutes > 0) arguments.overrides.push_back(fmt::format("train.minutes={}", arguments.minutes));
  const config::Config config = workflows::train_config(arguments.config, arguments.overrides, arguments.resume);
  if (!workflows::starts_others(arguments.processes)) return train_here(arguments, config);
  const int code = workflows::start_others(arguments.processes, [](int rank, int process, int signal) {
    std::cerr << fmt::format("pocketstyle: rank {} (process {}) {}\n", rank, process,
                             failure_text(kSignalled + signal));
  });
  if (code != 0) throw CLI::RuntimeError(code);
}

}  // namespace

void add_train(CLI::App& app) {
  auto arguments = std::make_shared<TrainArguments>();
  CLI::App* command = app.add_subcommand("train", "Train a style network from a YAML configuration");
  command->add_option("config", arguments->config, "YAML file; pocketstyle config lists all keys")
      ->check(CLI::ExistingFile);
  add_overrides(*command, arguments->overrides, "Override a key: --set train.steps=1000 (repeatable)");
  command->add_option("--resume", arguments->resume, "Resume the run in this folder from its newest checkpoint")
      ->type_name("FOLDER");
  command
      ->add_option("--minutes", arguments->minutes,
                   "Time limit of the whole run, instead of a number of steps (train.minutes)")
      ->check(CLI::PositiveNumber);
  add_process_options(*command, arguments->processes);
  command->footer(
      "Examples:\n"
      "  pocketstyle train configs/starry_night.yaml\n"
      "  pocketstyle train configs/starry_night.yaml --minutes 30\n"
      "  pocketstyle train configs/starry_night.yaml --set net.preset=mini --set run.folder=runs/mini\n"
      "  pocketstyle train --resume runs/mini\n"
      "  pocketstyle train configs/starry_night.yaml --nproc-per-node 4\n"
      "  pocketstyle train mine.yaml --nnodes 2 --node-rank 1 --master-addr 10.0.0.1   (and on 10.0.0.1: --node-rank "
      "0)\n"
      "Ctrl-C stops at the end of the step and writes a checkpoint; so do SIGTERM, closing the terminal, and closing a "
      "pipe that reads the output.");
  command->callback([arguments] { run_train(*arguments); });
}

}  // namespace pocketstyle::cli
