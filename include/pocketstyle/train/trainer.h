// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/config/config.h"
#include "pocketstyle/data/photos.h"
#include "pocketstyle/loss/perceptual_loss.h"
#include "pocketstyle/nn/style_net.h"
#include "pocketstyle/run/loss_terms.h"
#include "pocketstyle/train/checkpoint.h"
#include "pocketstyle/train/observer.h"
#include "pocketstyle/train/process_group.h"

#include <torch/torch.h>

#include <atomic>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace pocketstyle::train {

class Replicas;

/// Trains one style network: the recipe of docs/architecture.md ("a training step"). On the CPU a run that is stopped
/// anywhere, killed even, and resumed equals an unbroken one bit for bit (same thread count). Not thread-safe.
class Trainer {
 public:
  /// Loads style, photos and VGG, makes the network. With `resume`, it goes on from the newest readable checkpoint in
  /// `config.run.folder`, and `config` may differ from the run's only where config::Resume allows it; without, the
  /// folder must hold no checkpoint. The processes of `group` train the network together, config.train.batch times
  /// accumulate photos a step each; only its leader writes the run folder, measures the validation loss and makes
  /// previews. Throws UsageError (a process of the group has another configuration, too), DataError, PeerLost.
  Trainer(const config::Config& config, bool resume,
          std::shared_ptr<ProcessGroup> group = std::make_shared<ProcessGroup>());
  ~Trainer();

  /// Observers hear of everything from now on; they must outlive run().
  void add_observer(Observer& observer) { observers_.push_back(&observer); }

  /// Trains until config.train.steps, or until `stop` becomes true in any process of the group, and leaves a
  /// checkpoint; at the end final.safetensors too. Returns whether all steps are done. Throws RuntimeFailure after too
  /// many rollbacks, DataError when the disk is full, PeerLost: each process that is left then left a checkpoint.
  bool run(const std::atomic<bool>& stop);

  /// One step alone, without the bookkeeping, checks and records of run(): for measuring how long it takes.
  StepReport step();

  [[nodiscard]] const TrainState& state() const { return state_; }
  /// The network to evaluate and to save: the EMA weights if train.ema asks for them, else those in training.
  [[nodiscard]] const nn::StyleNet& net() const { return ema_net_; }
  [[nodiscard]] const data::Batches& batches() const { return *batches_; }
  [[nodiscard]] const std::string& provenance_json() const { return provenance_; }
  /// The preview photos, float [1, 3, H, W] RGB 0..255.
  [[nodiscard]] std::vector<torch::Tensor> preview_photos() const;

 private:
  bool run_steps(const std::atomic<bool>& stop);
  run::LossTerms validation_loss();
  void after_step(bool last);
  void evaluate();
  void preview();
  void checkpoint();
  void roll_back(const std::string& why);
  [[nodiscard]] std::string collapse_reason(const StepReport& report) const;
  void make_nets();
  void open_batches();
  /// Of `checkpoints` (not empty) the last one that can be read, into net_ and adam_.
  CheckpointInfo load_newest(std::vector<std::filesystem::path> checkpoints);
  [[nodiscard]] CheckpointInfo checkpoint_info() const;

  // trainer_step.cpp: what a step consists of.
  struct Learned;  ///< what some photos gave beside gradients
  /// The network, the loss, and both backward: the gradients of `photos`' mean loss are added to those of `net`.
  Learned learn(nn::StyleNet& net, const torch::Tensor& photos_nchw255, std::int64_t first_sample) const;
  Learned learn_in_replicas(const torch::Tensor& photos_nchw255, std::int64_t first_sample);
  /// The gradients of the replicas' networks join net_'s, which become the mean over the step's photos.
  void reduce_replicas();
  [[nodiscard]] std::optional<loss::DistillationTarget> distillation(const torch::Tensor& photos_nchw255) const;
  /// ema_net_ becomes `share` of itself and the rest of net_.
  void update_ema(double share);

  // trainer_group.cpp: what several processes do together.
  void join_group();                   ///< checks that all have one configuration, then share_state()
  void share_state();                  ///< rank 0's weights, moments and state
  void exchange(StepReport& report);   ///< gradients and losses become the means over all
  void share(run::LossTerms& values);  ///< rank 0's
  [[noreturn]] void leave_checkpoint(const PeerLost& lost);

  config::Config config_;
  std::shared_ptr<ProcessGroup> group_;
  torch::Device device_;
  nn::StyleNet net_{nullptr}, ema_net_{nullptr};  ///< in training; to keep, which may be the same
  std::vector<nn::StyleNet> replica_nets_;  ///< net_ and others that share its weights and have gradients of their own
  std::unique_ptr<Replicas> replicas_;
  std::optional<nn::StyleNet> teacher_;
  std::unique_ptr<Adam> adam_;
  std::unique_ptr<loss::PerceptualLoss> loss_;
  std::unique_ptr<data::Batches> batches_;
  std::vector<torch::Tensor> validation_photos_;
  std::vector<loss::ContentFeatures> validation_features_;
  std::vector<Observer*> observers_;
  TrainState state_;
  std::string provenance_;
  bool whole_ = true;  ///< weights, moments and state belong together
};

}  // namespace pocketstyle::train
