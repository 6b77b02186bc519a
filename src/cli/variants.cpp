// SPDX-License-Identifier: Apache-2.0
#include "cli/variants.h"

#include "cli/progress_bar.h"

#include "pocketstyle/core/signals.h"

#include <spdlog/fmt/fmt.h>

#include <iostream>

namespace pocketstyle::cli {

void add_variants_options(CLI::App& command, int& jobs, bool& report) {
  command.add_option("--jobs", jobs, "Concurrent runs, which share the cores")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  command.add_flag(
      "--report", report,
      "When all are trained, write report.html with quality, sizes, speed and the Pareto front of loss and cost");
}

workflows::VariantsEvents say_progress() {
  workflows::VariantsEvents events;
  events.started = [](const workflows::VariantsOptions& options, std::size_t runs, std::size_t done) {
    std::cout << fmt::format("{} runs, {} of them done, {} at a time, in {}", runs, done, options.jobs,
                             options.folder.string())
              << std::endl;
  };
  events.ended = [](const workflows::RunEnded& run) {
    if (run.trained)
      std::cout << fmt::format("{}: validation loss {:.0f}  {} left", run.name, run.validation,
                               duration_text(run.seconds_left))
                << std::endl;
    else
      std::cerr << fmt::format("pocketstyle: {}: {} (log: {})\n", run.name,
                               run.last_words.empty() ? "no output" : run.last_words, run.log.string());
  };
  return events;
}

void end_if_stopped(const workflows::VariantsOutcome& outcome) {
  if (outcome.signal == 0) return;
  std::cout << "stopped; run the same command again to continue\n";
  throw CLI::RuntimeError(kSignalled + outcome.signal);
}

}  // namespace pocketstyle::cli
