// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/run/loss_terms.h"
#include "pocketstyle/run/phase_seconds.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace at {
class Tensor;
}
namespace pocketstyle::config {
struct Config;
}
namespace pocketstyle::run {
struct PlanRecord;
}

namespace pocketstyle::train {

/// Measurements of a step, over all processes that train together.
struct StepReport {
  std::int64_t step = 0;     ///< steps done, this one included
  run::LossTerms loss;       ///< mean over the step's photos
  double gradient_norm = 0;  ///< before clipping
  double learning_rate = 0;
  std::int64_t images = 0;
  run::PhaseSeconds seconds;
};

/// Notified of the events of a run, in order, on the training thread. Any call may throw, which ends the run.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void on_step(const StepReport&) {}
  virtual void on_validation(std::int64_t /*step*/, const run::LossTerms&) {}
  /// `outputs_nchw255`: the network's current outputs for the preview photos.
  virtual void on_preview(std::int64_t /*step*/, const std::vector<at::Tensor>& /*outputs_nchw255*/) {}
  virtual void on_checkpoint(std::int64_t /*step*/, const std::filesystem::path&) {}
  /// The number of steps was computed from train.minutes. `config` and the provenance include it.
  virtual void on_plan(const run::PlanRecord&, const config::Config& /*config*/,
                       const std::string& /*provenance_json*/) {}
  virtual void on_rollback(std::int64_t /*from_step*/, std::int64_t /*to_step*/, const std::string& /*why*/) {}
};

}  // namespace pocketstyle::train
