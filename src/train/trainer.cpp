// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/train/trainer.h"

#include "train/replicas.h"

#include "pocketstyle/config/load.h"
#include "pocketstyle/core/cpu.h"
#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"
#include "pocketstyle/core/log.h"
#include "pocketstyle/loss/load.h"
#include "pocketstyle/nn/prune.h"
#include "pocketstyle/nn/weights.h"
#include "pocketstyle/run/folder.h"
#include "pocketstyle/run/metadata.h"
#include "pocketstyle/run/provenance.h"

#include <torch/version.h>

#include <cmath>
#include <utility>

namespace pocketstyle::train {
namespace fs = std::filesystem;
namespace {

constexpr double kSmoothing = 0.98;  // share of the past in the smoothed loss: about the last 50 steps

torch::Device choose_device(const std::string& wanted, const Place& place) {
  if (wanted == "cuda" && !torch::cuda::is_available())
    throw UsageError("run.device: cuda was asked for, and this LibTorch sees no CUDA device");
  const bool cuda = wanted == "cuda" || (wanted == "auto" && torch::cuda::is_available());
  if (!cuda) return torch::kCPU;
  if (place.local_rank >= static_cast<int>(torch::cuda::device_count()))
    throw UsageError("{} processes on this machine, which has {} CUDA devices: expected one each", place.local_world,
                     torch::cuda::device_count());
  return {torch::kCUDA, static_cast<c10::DeviceIndex>(place.local_rank)};
}

/// bfloat16 where the processor convolves in it natively, unless the configuration says otherwise.
torch::ScalarType choose_compute_type(const std::string& wanted, torch::Device device) {
  const bool can = device.is_cpu() && cpu_has_bfloat16();
  if (wanted == "bf16" && !can)
    throw UsageError("run.precision: bf16 was asked for, and {}; expected fp32 or auto",
                     device.is_cpu() ? "this processor does not have it" : "it is for CPUs only so far");
  return can && wanted != "fp32" ? torch::kBFloat16 : torch::kFloat32;
}

/// Adam moves every weight by about the rate, whatever the gradient, and so a sum of many products by the rate times
/// their number. For the output layer nothing takes that back, as the norms do elsewhere: 9x9 kernels over 32 channels
/// throw a picture off by a hundred levels a step.
std::vector<double> rates_of(const nn::StyleNet& net, double output_fan_in) {
  std::vector<double> rates;
  const torch::Tensor output = net->convs.back()->conv2d->weight;
  for (const torch::Tensor& parameter : net->parameters()) {
    const bool scaled = output_fan_in > 0 && parameter.is_same(output);
    rates.push_back(scaled ? std::min(1.0, output_fan_in / static_cast<double>(output[0].numel())) : 1.0);
  }
  return rates;
}

/// Of the network that `path` names; empty if that is empty.
std::string sha256_of_net(const fs::path& path) {
  return path.empty() ? std::string() : file_sha256(nn::resolve_net_path(path));
}

}  // namespace

Trainer::~Trainer() = default;

Trainer::Trainer(const config::Config& config, bool resume, std::shared_ptr<ProcessGroup> group)
    : config_(config), group_(std::move(group)), device_(choose_device(config.run.device, group_->place())) {
  const fs::path& folder = config_.run.folder;
  const auto checkpoints = run::list_checkpoints(folder);
  if (!resume && !checkpoints.empty())
    throw UsageError("{}: already holds a run; go on with it by --resume {}, or choose another run.folder",
                     folder.string(), folder.string());
  const bool loads = resume && group_->leader();  // the others get everything from it
  if (loads && checkpoints.empty())
    throw DataError("{}: expected a run to resume, found no checkpoints/step-*.safetensors", folder.string());

  make_nets();
  CheckpointInfo resumed;
  if (loads) {
    resumed = load_newest(checkpoints);
    state_ = resumed.state;
  }

  open_batches();
  if (group_->leader()) validation_photos_ = data::load_validation_photos(config_.data);
  nn::Vgg16 vgg(config_.loss.vgg, device_);
  const auto style_weight = loads ? run::style_weight_of(resumed.origin) : std::nullopt;
  loss_ = std::make_unique<loss::PerceptualLoss>(loss::load_loss(config_, vgg, net_->compute_type, style_weight));
  provenance_ = run::make_provenance(config_, {.libtorch = TORCH_VERSION,
                                               .vgg_sha256 = vgg.sha256(),
                                               .teacher_sha256 = sha256_of_net(config_.teacher.net),
                                               .init_sha256 = sha256_of_net(config_.train.init),
                                               .precision = net_->compute_type == torch::kBFloat16 ? "bf16" : "fp32",
                                               .style_weight = loss_->style_weight(),
                                               .processes = group_->world()});
  for (torch::Tensor& photo : validation_photos_) {
    photo = photo.to(device_);
    validation_features_.push_back(loss_->content_features(photo));
  }
  if (loads) run::check_can_resume(resumed.origin, checkpoint_info().origin, folder.string());
  join_group();
}

void Trainer::make_nets() {
  const auto compute_type = choose_compute_type(config_.run.precision, device_);
  const auto prepare = [&](nn::StyleNet& net) {
    net->to(device_);
    net->compute_type = compute_type;
  };
  torch::manual_seed(static_cast<std::uint64_t>(config_.run.seed));
  net_ = nn::StyleNet(config_.net.architecture());
  if (!config_.train.init.empty()) nn::copy_or_prune(nn::load_net(config_.train.init).net, net_);
  prepare(net_);
  net_->train();
  ema_net_ = net_;
  if (config_.train.ema > 0) {
    ema_net_ = nn::StyleNet(net_->architecture);
    prepare(ema_net_);
    update_ema(/*share=*/0);
  }
  if (!config_.teacher.net.empty()) {
    teacher_ = nn::load_net(config_.teacher.net).net;
    prepare(*teacher_);
  }
  adam_ = std::make_unique<Adam>(net_->parameters(), rates_of(net_, config_.train.output_fan_in));

  replicas_ =
      std::make_unique<Replicas>(split_replicas(config_.train.batch, device_.is_cpu() ? torch::get_num_threads() : 1));
  replica_nets_ = {net_};
  while (replica_nets_.size() < replicas_->count()) {
    nn::StyleNet& twin = replica_nets_.emplace_back(net_->architecture);
    prepare(twin);
    const auto weights = net_->parameters();
    auto shared = twin->parameters();
    for (std::size_t i = 0; i < weights.size(); ++i) shared[i].set_data(weights[i].detach());
  }
}

void Trainer::open_batches() {
  const config::DataConfig& data = config_.data;
  const Place& place = group_->place();
  const auto small_steps = data.small_crop > 0 ? std::llround(data.small_share * config_.train.steps) : 0;
  const std::int64_t samples_a_step = config_.train.batch * config_.train.accumulate * place.world;
  batches_ = std::make_unique<data::Batches>(data, config_.train.batch, static_cast<std::uint64_t>(config_.run.seed),
                                             state_.samples, data::Share{place.rank, place.world},
                                             small_steps * samples_a_step);
}

CheckpointInfo Trainer::load_newest(std::vector<fs::path> checkpoints) {
  while (true) {
    try {
      return load_checkpoint(checkpoints.back(), ema_net_, net_, *adam_);
    } catch (const DataError& error) {
      checkpoints.pop_back();
      if (checkpoints.empty()) throw;
      log()->warn("[train] {}; trying the checkpoint before it", error.what());
    }
  }
}

std::vector<torch::Tensor> Trainer::preview_photos() const {
  const auto count =
      std::min<std::size_t>(validation_photos_.size(), static_cast<std::size_t>(config_.run.preview_photos));
  return {validation_photos_.begin(), validation_photos_.begin() + static_cast<std::ptrdiff_t>(count)};
}

std::string Trainer::collapse_reason(const StepReport& report) const {
  if (!std::isfinite(report.loss.total())) return "the loss is not finite";
  if (!std::isfinite(report.gradient_norm)) return "the gradient is not finite";
  if (state_.best_smoothed_loss > 0 && state_.smoothed_loss > config_.train.collapse_factor * state_.best_smoothed_loss)
    return fmt::format("the smoothed loss {:.4g} is more than {} times its best, {:.4g}", state_.smoothed_loss,
                       config_.train.collapse_factor, state_.best_smoothed_loss);
  return {};
}

run::LossTerms Trainer::validation_loss() {
  const torch::NoGradGuard no_grad;
  // In float32, as the network will be used, whatever it trains in.
  const auto training_type = std::exchange(ema_net_->compute_type, torch::kFloat32);
  run::LossTerms mean;
  const auto count = static_cast<double>(validation_photos_.size());
  for (std::size_t i = 0; i < validation_photos_.size(); ++i)
    mean.add((*loss_)(ema_net_->forward(validation_photos_[i]).clamp(0, 255), validation_features_[i]).values(),
             1 / count);
  ema_net_->compute_type = training_type;
  return mean;
}

CheckpointInfo Trainer::checkpoint_info() const {
  return {state_, {config::to_yaml(config_, /*comments=*/false), provenance_}};
}

void Trainer::evaluate() {
  if (config_.data.held_out.empty()) return;
  run::LossTerms values;
  if (group_->leader()) values = validation_loss();
  share(values);
  for (Observer* observer : observers_) observer->on_validation(state_.step, values);
  if (!std::isfinite(values.total())) return;
  if (state_.best_validation == 0 || values.total() < state_.best_validation) {
    state_.best_validation = values.total();
    if (state_.step > 0 && group_->leader())
      save_checkpoint(run::best_checkpoint_path(config_.run.folder), ema_net_, net_, *adam_, checkpoint_info());
  }
}

void Trainer::preview() {
  const torch::NoGradGuard no_grad;
  std::vector<torch::Tensor> outputs;
  for (const torch::Tensor& photo : preview_photos()) outputs.push_back(ema_net_->forward(photo).to(torch::kCPU));
  if (outputs.empty()) return;
  for (Observer* observer : observers_) observer->on_preview(state_.step, outputs);
}

void Trainer::checkpoint() {
  if (!group_->leader()) return;
  const fs::path path = run::checkpoint_path(config_.run.folder, state_.step);
  save_checkpoint(path, ema_net_, net_, *adam_, checkpoint_info());
  auto all = run::list_checkpoints(config_.run.folder);
  std::error_code ignored;
  for (std::size_t i = 0; i + static_cast<std::size_t>(config_.run.keep) < all.size(); ++i) fs::remove(all[i], ignored);
  for (Observer* observer : observers_) observer->on_checkpoint(state_.step, path);
}

void Trainer::roll_back(const std::string& why) {
  const std::int64_t from = state_.step;
  if (state_.rollbacks >= config_.train.max_rollbacks)
    throw RuntimeFailure(
        "training collapsed at step {} ({}), {} times rolled back; try another run with a smaller train.learning_rate "
        "or train.clip, or a smaller loss.strength; train.init can begin with the last good checkpoint, which is in {}",
        from, why, state_.rollbacks, (config_.run.folder / run::kCheckpointsFolder).string());
  const std::int64_t rollbacks = state_.rollbacks + 1;
  if (group_->leader())
    state_ = load_checkpoint(run::list_checkpoints(config_.run.folder).back(), ema_net_, net_, *adam_).state;
  share_state();
  state_.rollbacks = rollbacks;
  state_.rate_scale *= 0.5;
  for (auto& parameter : net_->parameters()) parameter.mutable_grad() = torch::Tensor();
  open_batches();
  state_.settled = state_.step;
  log()->warn("[train] step {}: {}; back to step {} with the learning rate times {}", from, why, state_.step,
              state_.rate_scale);
  for (Observer* observer : observers_) observer->on_rollback(from, state_.step, why);
  checkpoint();  // so that a resumed run knows of it
}

void Trainer::after_step(bool last) {
  const auto due = [&](std::int64_t every) { return last || (every > 0 && state_.step % every == 0); };
  if (due(config_.run.evaluate_every)) evaluate();
  if (due(config_.run.preview_every)) preview();
  state_.settled = state_.step;
  if (due(config_.run.checkpoint_every)) checkpoint();
}

bool Trainer::run(const std::atomic<bool>& stop) {
  try {
    return run_steps(stop);
  } catch (const PeerLost& lost) {
    leave_checkpoint(lost);
  }
}

bool Trainer::run_steps(const std::atomic<bool>& stop) {
  const auto is_last = [&] { return state_.step == 0 || state_.step == config_.train.steps; };
  if (state_.settled < state_.step) after_step(is_last());  // a new run, or one that lost a process just then
  while (state_.step < config_.train.steps) {
    if (group_->any(stop)) {
      checkpoint();
      return false;
    }
    const StepReport report = step();
    state_.step = report.step;
    state_.samples = batches_->position();
    state_.smoothed_loss = state_.smoothed_loss == 0
                               ? report.loss.total()
                               : kSmoothing * state_.smoothed_loss + (1 - kSmoothing) * report.loss.total();
    const std::string why = collapse_reason(report);
    if (!why.empty()) {
      roll_back(why);
      continue;
    }
    if (state_.step > config_.train.warmup &&
        (state_.best_smoothed_loss == 0 || state_.smoothed_loss < state_.best_smoothed_loss))
      state_.best_smoothed_loss = state_.smoothed_loss;
    for (Observer* observer : observers_) observer->on_step(report);
    after_step(is_last());
  }
  if (group_->leader())
    nn::save_net(config_.run.folder / run::kFinalWeightsName, ema_net_, {{run::kProvenanceKey, provenance_}});
  return true;
}

}  // namespace pocketstyle::train
