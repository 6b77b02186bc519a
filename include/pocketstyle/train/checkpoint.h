// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/nn/style_net.h"
#include "pocketstyle/run/provenance.h"
#include "pocketstyle/train/soap.h"

#include <filesystem>

namespace pocketstyle::train {

/// The state of a run, apart from tensors, that is needed to resume it.
struct TrainState {
  std::int64_t step = 0;     ///< steps done
  std::int64_t samples = 0;  ///< photos drawn: the position in the data stream
  double rate_scale = 1.0;   ///< halved at each rollback
  std::int64_t rollbacks = 0;
  double mean_gradient_norm = 0.0;  ///< running mean, before clipping; 0 before the first step
  double smoothed_loss = 0.0;       ///< exponential mean of the training loss; 0 before the first step
  double first_loss = 0.0;          ///< training loss of the first batch, before any weight changed; 0: not known
  double best_smoothed_loss = 0.0;  ///< its lowest value so far; 0 before warm-up ends
  double first_validation = 0.0;    ///< at step 0; 0: not known
  double best_validation = 0.0;     ///< lowest validation total so far; 0 if none was measured
  std::int64_t planned_steps = 0;   ///< computed from train.minutes; 0 before that, and without train.minutes
  double spent_seconds = 0.0;       ///< of train.minutes, until the steps are planned
  std::int64_t settled = -1;        ///< last step whose validation loss and preview are done; its checkpoint comes next

  /// Updates the running mean with the gradient norm of step `step` + 1.
  void update_gradient_norm(double norm);

  template <class V>
  void visit(V&& v) {
    v("step", step), v("samples", samples), v("rate_scale", rate_scale), v("rollbacks", rollbacks);
    v("mean_gradient_norm", mean_gradient_norm), v("smoothed_loss", smoothed_loss),
        v("best_smoothed_loss", best_smoothed_loss);
    v("best_held_out", best_validation), v("settled", settled);
    v("first_loss", first_loss), v("first_held_out", first_validation), v("planned_steps", planned_steps),
        v("spent_seconds", spent_seconds);
  }
};

/// The content of a checkpoint besides weights and moments.
struct CheckpointInfo {
  TrainState state;
  run::Origin origin;
};

/// Writes one safetensors file atomically (docs/formats.md): net.*, training.*, adam.*, metadata. `ema_net` is the
/// network to use, with the EMA weights if train.ema is set; `net` is the one in training; they may be the same. Throws
/// DataError when writing fails; an existing file at `path` is then unchanged.
void save_checkpoint(const std::filesystem::path& path, const nn::StyleNet& ema_net, const nn::StyleNet& net,
                     const Soap& soap, const CheckpointInfo& info);

/// Restores `ema_net`, `net` and `soap` bit for bit. Throws DataError: not a checkpoint, another network, a tensor
/// missing, a newer format.
CheckpointInfo load_checkpoint(const std::filesystem::path& path, nn::StyleNet& ema_net, nn::StyleNet& net, Soap& soap);

}  // namespace pocketstyle::train
