// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace at {
class Tensor;
}

namespace pocketstyle::train {

/// The loss's terms, each already weighted.
struct LossValues {
  double content = 0, style = 0, tv = 0;
  double teacher = 0;   ///< of learning from another network; never part of a validation loss
  double temporal = 0;  ///< of temporal consistency between frames; nor this
  [[nodiscard]] double total() const { return content + style + tv + teacher + temporal; }
  /// For means: adds `share` times each of `other`'s.
  void add(const LossValues& other, double share) {
    content += share * other.content, style += share * other.style, tv += share * other.tv;
    teacher += share * other.teacher, temporal += share * other.temporal;
  }
};

/// Seconds that each part of a step took. `exchange`: the other processes, waiting for them included.
struct PhaseSeconds {
  double data = 0, forward = 0, loss = 0, backward = 0, exchange = 0,
         optimiser = 0;  ///< loss: both ways through VGG-16
  [[nodiscard]] double total() const { return data + forward + loss + backward + exchange + optimiser; }
  void add(const PhaseSeconds& other, double share = 1) {
    data += share * other.data, forward += share * other.forward, loss += share * other.loss;
    backward += share * other.backward, exchange += share * other.exchange, optimiser += share * other.optimiser;
  }
};

/// Over all processes that train together.
struct StepReport {
  std::int64_t step = 0;     ///< steps done, this one included
  LossValues loss;           ///< mean over the step's photos
  double gradient_norm = 0;  ///< before clipping
  double learning_rate = 0;
  std::int64_t images = 0;
  PhaseSeconds seconds;
};

/// Hears of what happens in a run, in order, on the training thread. All calls may throw, which ends the run.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void on_step(const StepReport&) {}
  virtual void on_validation(std::int64_t /*step*/, const LossValues&) {}
  /// `outputs_nchw255`: what the network now makes of the preview photos.
  virtual void on_preview(std::int64_t /*step*/, const std::vector<at::Tensor>& /*outputs_nchw255*/) {}
  virtual void on_checkpoint(std::int64_t /*step*/, const std::filesystem::path&) {}
  virtual void on_rollback(std::int64_t /*from_step*/, std::int64_t /*to_step*/, const std::string& /*why*/) {}
};

}  // namespace pocketstyle::train
