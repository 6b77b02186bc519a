// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/progress_bar.h"

#include "pocketstyle/train/observer.h"

#include <cstdint>
#include <string>

namespace pocketstyle::cli {

/// Shows a run's progress on standard output: a redrawn bar on a terminal, otherwise a line every `log_every` steps.
class Progress : public train::Observer {
 public:
  /// `last_step`: 0 if unknown until on_plan().
  Progress(std::int64_t last_step, std::int64_t log_every);
  void on_step(const train::StepReport& report) override;
  void on_validation(std::int64_t step, const run::LossTerms& loss) override;
  void on_plan(const run::PlanRecord& plan, const config::Config& config, const std::string& provenance_json) override;
  void on_checkpoint(std::int64_t step, const std::filesystem::path& path) override;
  void on_rollback(std::int64_t from_step, std::int64_t to_step, const std::string& why) override;
  /// How the time of the steps was spent, in one line; empty before the first step.
  [[nodiscard]] std::string phase_summary() const;
  [[nodiscard]] double first_validation() const { return first_validation_; }
  [[nodiscard]] double last_validation() const { return last_validation_; }

 private:
  std::int64_t last_step_;
  ProgressBar bar_;
  double first_validation_ = 0, last_validation_ = 0;
  double seconds_ = 0;        ///< total of all steps
  double smoothed_rate_ = 0;  ///< images per second
  double smoothed_total_ = 0;
  std::int64_t images_ = 0;
  run::PhaseSeconds phases_;
};

}  // namespace pocketstyle::cli
