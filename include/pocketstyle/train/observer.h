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

namespace pocketstyle::train {

/// Over all processes that train together.
struct StepReport {
  std::int64_t step = 0;     ///< steps done, this one included
  run::LossTerms loss;       ///< mean over the step's photos
  double gradient_norm = 0;  ///< before clipping
  double learning_rate = 0;
  std::int64_t images = 0;
  run::PhaseSeconds seconds;
};

/// Hears of what happens in a run, in order, on the training thread. All calls may throw, which ends the run.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void on_step(const StepReport&) {}
  virtual void on_validation(std::int64_t /*step*/, const run::LossTerms&) {}
  /// `outputs_nchw255`: what the network now makes of the preview photos.
  virtual void on_preview(std::int64_t /*step*/, const std::vector<at::Tensor>& /*outputs_nchw255*/) {}
  virtual void on_checkpoint(std::int64_t /*step*/, const std::filesystem::path&) {}
  virtual void on_rollback(std::int64_t /*from_step*/, std::int64_t /*to_step*/, const std::string& /*why*/) {}
};

}  // namespace pocketstyle::train
