// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/nn/style_net.h"
#include "pocketstyle/run/provenance.h"
#include "pocketstyle/train/adam.h"

#include <filesystem>

namespace pocketstyle::train {

/// Everything of a run that is not a tensor and that going on depends on.
struct TrainState {
  std::int64_t step = 0;     ///< steps done
  std::int64_t samples = 0;  ///< photos drawn: the position in the data stream
  double rate_scale = 1.0;   ///< halved at each rollback
  std::int64_t rollbacks = 0;
  double mean_gradient_norm = 0.0;  ///< running mean, before clipping; 0 before the first step
  double smoothed_loss = 0.0;       ///< exponential mean of the training loss; 0 before the first step
  double best_smoothed_loss = 0.0;  ///< its lowest value so far; 0 before warm-up ends
  double best_validation = 0.0;     ///< lowest validation total so far; 0 if none was measured
  std::int64_t settled = -1;        ///< the step whose validation loss and preview are done; then comes its checkpoint

  /// Takes in the norm of step `step` + 1.
  void update_gradient_norm(double norm);

  template <class V>
  void visit(V&& v) {
    v("step", step), v("samples", samples), v("rate_scale", rate_scale), v("rollbacks", rollbacks);
    v("mean_gradient_norm", mean_gradient_norm), v("smoothed_loss", smoothed_loss),
        v("best_smoothed_loss", best_smoothed_loss);
    v("best_held_out", best_validation), v("settled", settled);
  }
};

/// What a checkpoint says beside weights and moments.
struct CheckpointInfo {
  TrainState state;
  run::Origin origin;
};

/// One safetensors file, written atomically (docs/formats.md): net.*, training.*, adam.mean.*, adam.mean_square.*,
/// metadata. `ema_net` is the network to use, `net` the one in training: the same, or `ema_net` has its EMA weights.
/// Throws DataError when writing fails; what was at `path` is then still there.
void save_checkpoint(const std::filesystem::path& path, const nn::StyleNet& ema_net, const nn::StyleNet& net,
                     const Adam& adam, const CheckpointInfo& info);

/// Fills `ema_net`, `net` and `adam`, bit for bit as they were saved. Throws DataError: not a checkpoint, another
/// network, a tensor missing, a newer format.
CheckpointInfo load_checkpoint(const std::filesystem::path& path, nn::StyleNet& ema_net, nn::StyleNet& net, Adam& adam);

}  // namespace pocketstyle::train
