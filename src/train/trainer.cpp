// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/train/trainer.h"

#include "train/initial_weights.h"
#include "train/replicas.h"

#include "pocketstyle/config/load.h"
#include "pocketstyle/core/cpu.h"
#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"
#include "pocketstyle/core/log.h"
#include "pocketstyle/loss/load.h"
#include "pocketstyle/media/tensor.h"
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
    throw UsageError("run.device: cuda requested, but LibTorch finds no CUDA device");
  const bool cuda = wanted == "cuda" || (wanted == "auto" && torch::cuda::is_available());
  if (!cuda) return torch::kCPU;
  if (place.local_rank >= static_cast<int>(torch::cuda::device_count()))
    throw UsageError("{} processes on this machine, but only {} CUDA devices: expected one per process",
                     place.local_world, torch::cuda::device_count());
  return {torch::kCUDA, static_cast<c10::DeviceIndex>(place.local_rank)};
}

/// bfloat16 where the processor supports it natively for convolutions, unless the configuration says otherwise.
torch::ScalarType choose_compute_type(const std::string& wanted, torch::Device device) {
  const bool can = device.is_cpu() && cpu_has_bfloat16();
  if (wanted == "bf16" && !can)
    throw UsageError("run.precision: bf16 requested, but {}; expected fp32 or auto",
                     device.is_cpu() ? "this processor does not support it, or ONEDNN_MAX_CPU_ISA forbids it"
                                     : "it is only supported on CPUs");
  return can && wanted != "fp32" ? torch::kBFloat16 : torch::kFloat32;
}

/// The optimiser changes every weight by about the learning rate, whatever the gradient, and so a sum of many products
/// by the learning rate times their number. Elsewhere a norm cancels that, but not after the output layer: there, 9x9
/// kernels over 32 channels would shift a picture by a hundred levels per step.
std::vector<double> rates_of(const nn::StyleNet& net, double output_fan_in) {
  std::vector<double> rates;
  const torch::Tensor output = net->convs.back()->conv2d->weight;
  for (const torch::Tensor& parameter : net->parameters()) {
    const bool scaled = output_fan_in > 0 && parameter.is_same(output);
    rates.push_back(scaled ? std::min(1.0, output_fan_in / static_cast<double>(output[0].numel())) : 1.0);
  }
  return rates;
}

/// The SHA-256 of the network at `path`; empty if `path` is empty.
std::string sha256_of_net(const fs::path& path) {
  return path.empty() ? std::string() : file_sha256(nn::resolve_net_path(path));
}

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

Trainer::~Trainer() = default;

Trainer::Trainer(const config::Config& config, bool resume, std::shared_ptr<ProcessGroup> group)
    : config_(config), group_(std::move(group)), device_(choose_device(config.run.device, group_->place())) {
  const fs::path& folder = config_.run.folder;
  const auto checkpoints = run::list_checkpoints(folder);
  if (!resume && !checkpoints.empty())
    throw UsageError("{}: already contains a run; continue it with --resume {}, or choose another run.folder",
                     folder.string(), folder.string());
  const bool loads = resume && group_->leader();  // the other processes receive everything from it
  if (loads && checkpoints.empty())
    throw DataError("{}: expected a run to resume, found no checkpoints/step-*.safetensors", folder.string());

  make_nets(/*begins=*/!resume && group_->leader());
  CheckpointInfo resumed;
  if (loads) {
    resumed = load_newest(checkpoints);
    state_ = resumed.state;
    spent_before_ = state_.spent_seconds;
    init_ = run::init_of(resumed.origin);
    adopt_plan();
  }

  open_batches();
  if (group_->leader()) validation_photos_ = data::load_validation_photos(config_.data);
  nn::Vgg16 vgg(config_.loss.vgg, device_);
  auto style_weight = loads ? run::style_weight_of(resumed.origin) : std::nullopt;
  if (!group_->leader()) style_weight = of_leader(0);  // computed anew it would differ in the last digits
  loss_ = std::make_unique<loss::PerceptualLoss>(loss::load_loss(config_, vgg, net_->compute_type, style_weight));
  if (group_->leader()) of_leader(loss_->style_weight());
  provenance_ = run::make_provenance(config_, {.libtorch = TORCH_VERSION,
                                               .vgg_sha256 = vgg.sha256(),
                                               .teacher_sha256 = sha256_of_net(config_.teacher.net),
                                               .init = init_,
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

void Trainer::make_nets(bool begins) {
  const auto compute_type = choose_compute_type(config_.run.precision, device_);
  const auto prepare = [&](nn::StyleNet& net) {
    net->to(device_);
    net->compute_type = compute_type;
    for (nn::ConvLayer& conv : net->convs) conv->winograd = config_.run.winograd;
  };
  torch::manual_seed(static_cast<std::uint64_t>(config_.run.seed));
  net_ = nn::StyleNet(config_.net.architecture());
  if (begins) init_ = load_initial_weights(config_.train.init, config_.data, net_);
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
  soap_ = std::make_unique<Soap>(net_->parameters(), rates_of(net_, config_.train.output_fan_in),
                                 config_.train.precondition_every);

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
      return load_checkpoint(checkpoints.back(), ema_net_, net_, *soap_);
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

Trainer::Validation Trainer::validate() {
  const torch::NoGradGuard no_grad;
  // In float32, as the network will be used, whatever the precision of training.
  const auto training_type = std::exchange(ema_net_->compute_type, torch::kFloat32);
  Validation found;
  const auto count = static_cast<double>(validation_photos_.size());
  for (std::size_t i = 0; i < validation_photos_.size(); ++i) {
    const torch::Tensor picture = ema_net_->forward(validation_photos_[i]).clamp(0, 255);
    found.loss.add((*loss_)(picture, validation_features_[i]).values(), 1 / count);
    found.contrast = std::max(found.contrast, media::contrast(media::from_tensor_nchw255(picture)));
  }
  ema_net_->compute_type = training_type;
  return found;
}

CheckpointInfo Trainer::checkpoint_info() const {
  TrainState state = state_;
  if (measuring()) state.spent_seconds = spent_seconds();
  return {state, {config::to_yaml(config_, /*comments=*/false), provenance_}};
}

std::string Trainer::evaluate() {
  if (config_.data.held_out.empty()) return {};
  Validation found;
  if (group_->leader()) found = validate();
  run::LossTerms& values = found.loss;
  share(values);
  found.contrast = of_leader(found.contrast);
  for (Observer* observer : observers_) observer->on_validation(state_.step, values);
  if (std::string why = collapse_reason(found); !why.empty()) return why;
  if (!std::isfinite(values.total())) return {};
  if (state_.step == 0) state_.first_validation = values.total();
  if (state_.best_validation == 0 || values.total() < state_.best_validation) {
    state_.best_validation = values.total();
    if (state_.step > 0 && group_->leader())
      save_checkpoint(run::best_checkpoint_path(config_.run.folder), ema_net_, net_, *soap_, checkpoint_info());
  }
  return {};
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
  save_checkpoint(path, ema_net_, net_, *soap_, checkpoint_info());
  std::error_code ignored;
  for (const fs::path& old : run::old_checkpoints(config_.run.folder, static_cast<std::size_t>(config_.run.keep)))
    fs::remove(old, ignored);
  for (Observer* observer : observers_) observer->on_checkpoint(state_.step, path);
}

void Trainer::after_step(bool last) {
  const auto due = [&](std::int64_t every) { return last || (every > 0 && state_.step % every == 0); };
  const auto timed = [](double& seconds, const auto& work) {
    const auto start = std::chrono::steady_clock::now();
    work();
    seconds = seconds_since(start);
  };
  std::string collapse;
  if (due(config_.run.evaluate_every)) timed(pace_.validation, [&] { collapse = evaluate(); });
  if (!collapse.empty()) return roll_back(collapse, /*by_validation=*/true);
  if (due(config_.run.preview_every)) timed(pace_.preview, [&] { preview(); });
  state_.settled = state_.step;
  if (due(config_.run.checkpoint_every)) timed(pace_.checkpoint, [&] { checkpoint(); });
}

bool Trainer::run(const std::atomic<bool>& stop) {
  try {
    return run_steps(stop);
  } catch (const PeerLost& lost) {
    leave_checkpoint(lost);
  }
}

bool Trainer::run_steps(const std::atomic<bool>& stop) {
  const auto is_last = [&] { return state_.step == 0 || (!measuring() && state_.step == config_.train.steps); };
  if (state_.settled < state_.step) after_step(is_last());  // a new run, or one that lost a process at this point
  while (!ended()) {
    if (group_->any(stop)) {
      checkpoint();
      return false;
    }
    const auto start = std::chrono::steady_clock::now();
    const StepReport report = step();
    state_.step = report.step;
    state_.samples = batches_->position();
    state_.smoothed_loss = state_.smoothed_loss == 0
                               ? report.loss.total()
                               : kSmoothing * state_.smoothed_loss + (1 - kSmoothing) * report.loss.total();
    if (state_.step == 1 && std::isfinite(report.loss.total())) state_.first_loss = report.loss.total();
    const std::string why = collapse_reason(report);
    if (!why.empty()) {
      roll_back(why, /*by_validation=*/false);
      continue;
    }
    if (state_.step > config_.train.warmup &&
        (state_.best_smoothed_loss == 0 || state_.smoothed_loss < state_.best_smoothed_loss))
      state_.best_smoothed_loss = state_.smoothed_loss;
    for (Observer* observer : observers_) observer->on_step(report);
    if (measuring()) measure(seconds_since(start));
    after_step(is_last());
  }
  if (group_->leader())
    nn::save_net(config_.run.folder / run::kFinalWeightsName, ema_net_, {{run::kProvenanceKey, provenance_}});
  return true;
}

}  // namespace pocketstyle::train
