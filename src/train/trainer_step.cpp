// SPDX-License-Identifier: Apache-2.0
// The parts of a training step.
#include "train/replicas.h"
#include "train/temporal_consistency.h"

#include "pocketstyle/core/laps.h"
#include "pocketstyle/loss/clamp.h"
#include "pocketstyle/train/schedule.h"
#include "pocketstyle/train/trainer.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace pocketstyle::train {

struct Trainer::Learned {
  run::LossTerms loss;
  run::PhaseSeconds seconds;
};

std::optional<loss::DistillationTarget> Trainer::distillation(const torch::Tensor& photos_nchw255) const {
  if (!teacher_) return std::nullopt;
  const torch::NoGradGuard no_grad;
  nn::StyleNet teacher = *teacher_;
  return loss::DistillationTarget{teacher->forward(photos_nchw255), config_.teacher.output, config_.teacher.features};
}

Trainer::Learned Trainer::learn(nn::StyleNet& net, const torch::Tensor& photos, std::int64_t first_sample) const {
  Learned learned;
  Laps laps;
  const torch::Tensor output = net->forward(photos);
  torch::Tensor inconsistency;
  if (config_.temporal.weight > 0) {
    const Perturbation perturbation(config_.temporal, static_cast<std::uint64_t>(config_.run.seed), first_sample,
                                    photos);
    const torch::Tensor difference = perturbation.window_of(output) - net->forward(perturbation.photos());
    inconsistency = config_.temporal.weight * difference.square().mean();
  }
  learned.seconds.forward = laps.lap();
  // The graph is cut at the picture: the loss computes its gradient, and the network's backward pass starts from there.
  // The loss is that of the picture as it would be saved, clamped.
  const torch::Tensor levels = output.detach();
  const loss::LossGradient loss = loss_->gradient(levels.clamp(0, 255), photos, distillation(photos));
  const torch::Tensor gradient = loss::gradient_through_clamp(loss.gradient, levels);
  learned.loss = loss.terms;
  learned.seconds.loss = laps.lap();
  if (inconsistency.defined()) {
    learned.loss.temporal = inconsistency.item<double>();
    torch::autograd::backward({output, inconsistency}, {gradient, torch::ones_like(inconsistency)});
  } else {
    output.backward(gradient);
  }
  learned.seconds.backward = laps.lap();
  return learned;
}

Trainer::Learned Trainer::learn_in_replicas(const torch::Tensor& photos, std::int64_t first_sample) {
  const auto replicas = static_cast<std::int64_t>(replicas_->count());
  const std::int64_t share = photos.size(0) / replicas;
  std::vector<Learned> each(replicas_->count());
  replicas_->run([&](std::size_t replica) {
    const std::int64_t first = static_cast<std::int64_t>(replica) * share;
    each[replica] = learn(replica_nets_[replica], photos.narrow(0, first, share), first_sample + first);
  });
  Learned all;
  for (const Learned& one : each) {
    all.loss.add(one.loss, 1.0 / static_cast<double>(replicas));
    if (one.seconds.total() > all.seconds.total()) all.seconds = one.seconds;  // the others wait for the slowest
  }
  return all;
}

void Trainer::reduce_replicas() {
  const torch::NoGradGuard no_grad;
  const auto weights = net_->parameters();
  for (std::size_t replica = 1; replica < replica_nets_.size(); ++replica) {
    auto twins = replica_nets_[replica]->parameters();
    for (std::size_t i = 0; i < weights.size(); ++i)
      if (torch::Tensor& gradient = twins[i].mutable_grad(); gradient.defined())
        weights[i].grad().add_(std::exchange(gradient, torch::Tensor()));
  }
  const auto summands = static_cast<double>(replica_nets_.size()) * static_cast<double>(config_.train.accumulate);
  if (summands == 1) return;
  for (const torch::Tensor& weight : weights)
    if (weight.grad().defined()) weight.grad().div_(summands);
}

void Trainer::update_ema(double share) {
  const torch::NoGradGuard no_grad;
  auto means = ema_net_->parameters();
  const auto latest = net_->parameters();
  for (std::size_t i = 0; i < means.size(); ++i) means[i].lerp_(latest[i], 1 - share);
}

StepReport Trainer::step() {
  StepReport report;
  Laps laps;
  for (std::int64_t i = 0; i < config_.train.accumulate; ++i) {
    const std::int64_t first_sample = batches_->next_sample();
    const torch::Tensor photos = batches_->next().to(device_, /*non_blocking=*/true);
    report.images += photos.size(0);
    report.seconds.data += laps.lap();
    const Learned learned = learn_in_replicas(photos, first_sample);
    report.loss.add(learned.loss, 1.0 / static_cast<double>(config_.train.accumulate));
    report.seconds.add(learned.seconds);
    report.seconds.backward += laps.lap() - learned.seconds.total();  // waiting
  }
  reduce_replicas();
  report.seconds.backward += laps.lap();
  exchange(report);
  report.seconds.exchange = laps.lap();

  const auto parameters = net_->parameters();
  report.gradient_norm = gradient_norm(parameters);
  report.learning_rate = rate_now() * state_.rate_scale;
  if (std::isfinite(report.loss.total()) && std::isfinite(report.gradient_norm)) {
    state_.update_gradient_norm(report.gradient_norm);
    normalise_gradients(parameters, report.gradient_norm, state_.mean_gradient_norm, config_.train.clip);
    soap_->step(report.learning_rate);
    if (ema_net_.ptr() != net_.ptr()) {
      const auto done = static_cast<double>(state_.step);  // shorter memory during the first steps
      update_ema(std::min(config_.train.ema, (1 + done) / (10 + done)));
    }
  }
  report.seconds.optimiser = laps.lap();
  report.step = state_.step + 1;
  return report;
}

}  // namespace pocketstyle::train
