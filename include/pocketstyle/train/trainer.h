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
#include "pocketstyle/train/time_plan.h"

#include <torch/torch.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace pocketstyle::train {

class Replicas;

/// Trains one style network, as described in docs/architecture.md ("A training step"). On the CPU, a run that is
/// stopped at any point, even killed, and resumed equals an uninterrupted one bit for bit (same thread count). Not
/// thread-safe.
class Trainer {
 public:
  /// Loads the style, the photos and VGG, and creates the network. With `resume`, training continues from the newest
  /// readable checkpoint in `config.run.folder`, and `config` may differ from the run's only where config::Resume
  /// allows it; otherwise the folder must not contain a checkpoint. The processes of `group` train the network
  /// together, with config.train.batch times accumulate photos each per step; only its leader writes the run folder,
  /// measures the validation loss and makes previews. Throws UsageError (also if a process of the group has another
  /// configuration), DataError, PeerLost.
  Trainer(const config::Config& config, bool resume,
          std::shared_ptr<ProcessGroup> group = std::make_shared<ProcessGroup>());
  ~Trainer();

  /// Observers are notified of all later events; they must outlive run().
  void add_observer(Observer& observer) { observers_.push_back(&observer); }

  /// Trains until config.train.steps, or for config.train.minutes counted from construction, or until `stop` becomes
  /// true in any process of the group, and writes a checkpoint; at the end also final.safetensors. Returns whether all
  /// steps are done. Throws RuntimeFailure after too many rollbacks, DataError when the disk is full, PeerLost; in that
  /// case each remaining process has written a checkpoint.
  bool run(const std::atomic<bool>& stop);

  /// One step alone, without the bookkeeping, checks and records of run(): for timing it.
  StepReport step();

  [[nodiscard]] const TrainState& state() const { return state_; }
  /// As given, plus the number of steps computed from train.minutes and the settings that depend on it, once known.
  [[nodiscard]] const config::Config& config() const { return config_; }
  /// Whether the number of steps is still unknown.
  [[nodiscard]] bool measuring() const { return config_.train.minutes > 0 && state_.planned_steps == 0; }
  [[nodiscard]] double seconds_left() const;  ///< of train.minutes, while measuring()
  /// The network to evaluate and save: with the EMA weights if train.ema is set, else the network in training.
  [[nodiscard]] const nn::StyleNet& net() const { return ema_net_; }
  [[nodiscard]] const data::Batches& batches() const { return *batches_; }
  [[nodiscard]] const std::string& provenance_json() const { return provenance_; }
  /// The preview photos, float [1, 3, H, W] RGB 0..255.
  [[nodiscard]] std::vector<torch::Tensor> preview_photos() const;

 private:
  bool run_steps(const std::atomic<bool>& stop);
  [[nodiscard]] bool ended() const { return !measuring() && state_.step >= config_.train.steps; }

  // trainer_plan.cpp: the number of steps for train.minutes.
  [[nodiscard]] double spent_seconds() const;
  /// Records the time of a step. After enough of them, sets the number of steps in all processes and saves it.
  void measure(double seconds_of_step);
  /// The learning rate of the next step. While the number of steps is unknown, there is warm-up but no decay.
  [[nodiscard]] double rate_now() const;
  void adopt_plan();  ///< copies the number of steps from state_ to config_ and provenance_

  /// The validation photos' pictures: mean loss and largest contrast, in levels.
  struct Validation {
    run::LossTerms loss;
    double contrast = 0;
  };
  Validation validate();
  void after_step(bool last);
  std::string evaluate();  ///< the reason of a collapse; empty if there is none
  void preview();
  void checkpoint();

  // trainer_rollback.cpp: detecting a collapse and rolling back. A reason is empty if there is no collapse.
  [[nodiscard]] std::string collapse_reason(const StepReport& report) const;
  [[nodiscard]] std::string collapse_reason(const Validation& validation) const;
  void roll_back(const std::string& why, bool by_validation);
  /// Restores net_, soap_ and state_ to before the collapse: to the best checkpoint if the validation loss showed it,
  /// else to the newest checkpoint that has not collapsed itself; without one, to step 0.
  void restore(bool by_validation);

  void make_nets(bool begins);
  void open_batches();
  /// Loads the last of `checkpoints` (not empty) that can be read into net_ and soap_.
  CheckpointInfo load_newest(std::vector<std::filesystem::path> checkpoints);
  [[nodiscard]] CheckpointInfo checkpoint_info() const;

  // trainer_step.cpp: the parts of a step.
  struct Learned;  ///< losses and times of some of the photos, besides the gradients
  /// Network, loss and both backward passes: adds the gradients of the mean loss of `photos` to those of `net`.
  Learned learn(nn::StyleNet& net, const torch::Tensor& photos_nchw255, std::int64_t first_sample) const;
  Learned learn_in_replicas(const torch::Tensor& photos_nchw255, std::int64_t first_sample);
  /// Adds the gradients of the replicas' networks to those of net_, then divides by their number: the mean over the
  /// step.
  void reduce_replicas();
  [[nodiscard]] std::optional<loss::DistillationTarget> distillation(const torch::Tensor& photos_nchw255) const;
  /// Sets ema_net_ to `share` of itself plus the remaining share of net_.
  void update_ema(double share);

  // trainer_group.cpp: what several processes do together.
  void join_group();                   ///< checks that all have the same configuration, then share_state()
  void share_state();                  ///< broadcasts rank 0's weights, moments and state
  void exchange(StepReport& report);   ///< replaces gradients and losses by the means over all
  void share(run::LossTerms& values);  ///< broadcasts rank 0's values
  double of_leader(double value);      ///< the value of rank 0
  [[noreturn]] void leave_checkpoint(const PeerLost& lost);

  config::Config config_;
  std::shared_ptr<ProcessGroup> group_;
  torch::Device device_;
  nn::StyleNet net_{nullptr}, ema_net_{nullptr};  ///< in training; with EMA weights, may be the same
  std::vector<nn::StyleNet> replica_nets_;  ///< net_ and copies that share its weights but have their own gradients
  std::unique_ptr<Replicas> replicas_;
  std::optional<nn::StyleNet> teacher_;
  std::unique_ptr<Soap> soap_;
  std::unique_ptr<loss::PerceptualLoss> loss_;
  std::unique_ptr<data::Batches> batches_;
  std::vector<torch::Tensor> validation_photos_;
  std::vector<loss::ContentFeatures> validation_features_;
  std::vector<Observer*> observers_;
  TrainState state_;
  std::string provenance_;
  std::chrono::steady_clock::time_point created_ = std::chrono::steady_clock::now();
  double spent_before_ = 0;  ///< of train.minutes, by earlier processes
  SpeedMeter speed_;
  Pace pace_;
  run::Init init_;
  bool whole_ = true;  ///< weights, moments and state are consistent
};

}  // namespace pocketstyle::train
