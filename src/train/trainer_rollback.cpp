// SPDX-License-Identifier: Apache-2.0
// What happens when training collapses.
#include "pocketstyle/core/error.h"
#include "pocketstyle/core/log.h"
#include "pocketstyle/media/image.h"
#include "pocketstyle/run/folder.h"
#include "pocketstyle/train/trainer.h"

#include <algorithm>
#include <cmath>
#include <system_error>

namespace pocketstyle::train {
namespace fs = std::filesystem;
namespace {

constexpr double kWorseThanAtFirst = 1.5;  // validation loss relative to step 0 that counts as a collapse

/// The loss that the smoothed loss is compared with: its best value or the first step's, whichever is lower, since in a
/// run that collapses in its first steps the best value is itself too high. 0: neither is known yet.
double reference_loss(const TrainState& state) {
  if (state.first_loss == 0 || state.best_smoothed_loss == 0)
    return std::max(state.first_loss, state.best_smoothed_loss);
  return std::min(state.first_loss, state.best_smoothed_loss);
}

bool is_far_above(const TrainState& state, double factor) {
  const double reference = reference_loss(state);
  return reference > 0 && state.smoothed_loss > factor * reference;
}

}  // namespace

std::string Trainer::collapse_reason(const StepReport& report) const {
  if (!std::isfinite(report.loss.total())) return "the loss is not finite";
  if (!std::isfinite(report.gradient_norm)) return "the gradient is not finite";
  const double factor = config_.train.collapse_factor;
  if (!is_far_above(state_, factor)) return {};
  const double reference = reference_loss(state_);
  return fmt::format("the smoothed loss {:.4g} is more than {} times {}, {:.4g}", state_.smoothed_loss, factor,
                     reference == state_.first_loss ? "that of the first step" : "its best", reference);
}

std::string Trainer::collapse_reason(const Validation& validation) const {
  const double now = validation.loss.total(), first = state_.first_validation, best = state_.best_validation;
  if (state_.step == 0) return {};
  if (!std::isfinite(now)) return "the validation loss is not finite";
  if (validation.contrast < media::kPlainContrast) return "the validation photos' pictures are one flat colour each";
  if (first > 0 && now > kWorseThanAtFirst * first)
    return fmt::format("the validation loss {:.4g} is more than {} times that of step 0, {:.4g}", now,
                       kWorseThanAtFirst, first);
  if (best > 0 && now > config_.train.collapse_factor * best)
    return fmt::format("the validation loss {:.4g} is more than {} times its best, {:.4g}", now,
                       config_.train.collapse_factor, best);
  return {};
}

void Trainer::restore(bool by_validation) {
  const fs::path& folder = config_.run.folder;
  const TrainState collapsed = state_;
  auto candidates = run::list_checkpoints(folder);
  if (by_validation) candidates = {run::best_checkpoint_path(folder)};
  std::error_code ignored;
  for (; !candidates.empty(); candidates.pop_back()) {
    if (!fs::exists(candidates.back(), ignored)) continue;
    try {
      state_ = load_checkpoint(candidates.back(), ema_net_, net_, *soap_).state;
    } catch (const DataError& error) {
      log()->warn("[train] {}; trying the checkpoint before it", error.what());
      continue;
    }
    if (by_validation ? state_.best_validation == collapsed.best_validation
                      : !is_far_above(state_, config_.train.collapse_factor))
      return;
  }
  make_nets(/*begins=*/true);
  state_ = TrainState{};
  state_.first_loss = collapsed.first_loss;
  state_.first_validation = state_.best_validation = collapsed.first_validation;
}

void Trainer::roll_back(const std::string& why, bool by_validation) {
  const fs::path& folder = config_.run.folder;
  const TrainState collapsed = state_;
  const std::int64_t from = collapsed.step, rollbacks = collapsed.rollbacks + 1;
  if (rollbacks > config_.train.max_rollbacks)
    throw RuntimeFailure(
        "training collapsed at step {} ({}), after {} rollbacks; try again with a smaller train.learning_rate "
        "or train.clip, or a smaller loss.strength; train.init can start from the last good checkpoint, which is in {}",
        from, why, collapsed.rollbacks, (folder / run::kCheckpointsFolder).string());
  if (group_->leader()) restore(by_validation);
  share_state();
  state_.rollbacks = rollbacks;
  state_.rate_scale = 0.5 * collapsed.rate_scale;
  state_.planned_steps = collapsed.planned_steps;  // the checkpoint may be older than the plan
  state_.spent_seconds = collapsed.spent_seconds;
  for (auto& parameter : net_->parameters()) parameter.mutable_grad() = torch::Tensor();
  open_batches();
  state_.settled = state_.step;
  log()->warn("[train] step {}: {}; rolled back to step {}, learning rate now scaled by {}", from, why, state_.step,
              state_.rate_scale);
  for (Observer* observer : observers_) observer->on_rollback(from, state_.step, why);
  if (group_->leader()) {  // so that a resumed run knows about it and starts from here
    const fs::path path = run::checkpoint_path(folder, state_.step);
    save_checkpoint(path, ema_net_, net_, *soap_, checkpoint_info());
    std::error_code ignored;
    for (const fs::path& other : run::list_checkpoints(folder))
      if (other.filename() > path.filename()) fs::remove(other, ignored);
    for (Observer* observer : observers_) observer->on_checkpoint(state_.step, path);
  }
}

}  // namespace pocketstyle::train
