// SPDX-License-Identifier: Apache-2.0
// What the processes that train one network do together; none of this changes anything for a single process.
#include "pocketstyle/config/load.h"
#include "pocketstyle/core/error.h"
#include "pocketstyle/core/json_text.h"
#include "pocketstyle/run/folder.h"
#include "pocketstyle/train/trainer.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <sstream>
#include <type_traits>
#include <utility>
#include <vector>

namespace pocketstyle::train {
namespace {

/// The facts that must be the same in all processes, one per line; files are compared by the hashes in the provenance.
/// So is the kind of device, since gradients on GPUs go through NCCL and others through Gloo.
std::string common_facts(const config::Config& config, const std::string& provenance, const data::Batches& batches,
                         torch::Device device) {
  auto origin = nlohmann::json::parse(provenance);
  for (const char* rank_0s : {"init", "init_sha256"}) origin.erase(rank_0s);
  return config::shared_yaml(config) + json_text(origin, 2) +
         fmt::format("\nheld-out photos: {}\nphotos: {}, SHA-256 of their names {}\ndevice: {}\n",
                     !config.data.held_out.empty(), batches.photos(), batches.names_sha256(),
                     device.is_cuda() ? "cuda" : "cpu");
}

/// The first line of `mine` that differs from `theirs`, as an error message; empty if there is none.
std::string first_difference(const std::string& mine, const std::string& theirs) {
  std::istringstream a(mine), b(theirs);
  const auto next = [](std::istringstream& lines) {
    std::string line;
    if (!std::getline(lines, line)) return std::string("nothing");
    return line.substr(std::min(line.size(), line.find_first_not_of(' ')));
  };
  while (a || b)
    if (const std::string here = next(a), there = next(b); here != there)
      return fmt::format("has '{}' where rank 0 has '{}'", here, there);
  return {};
}

torch::Tensor as_tensor(const run::LossTerms& loss) {
  std::vector<double> values;
  loss.visit([&](const char*, double value) { values.push_back(value); });
  return torch::tensor(values, torch::kFloat64);
}
run::LossTerms from_tensor(const torch::Tensor& values) {
  run::LossTerms loss;
  const double* next = values.data_ptr<double>();
  loss.visit([&](const char*, double& value) { value = *next++; });
  return loss;
}

}  // namespace

void Trainer::join_group() {
  if (group_->world() == 1) return;
  // What only rank 0 knows: the number of steps that the run's time came to.
  torch::Tensor planned = torch::tensor({state_.planned_steps}, torch::kInt64);
  group_->broadcast(planned);
  state_.planned_steps = planned.item<std::int64_t>();
  adopt_plan();
  const std::string mine = common_facts(config_, provenance_, *batches_, device_);
  const std::string difference = first_difference(mine, group_->broadcast_text(mine));
  const bool differs = group_->any(!difference.empty());
  if (!difference.empty())
    throw UsageError("rank {} {}; all processes need the same configuration", group_->place().rank, difference);
  if (differs) throw UsageError("another process has a different configuration (see its message); all need the same");
  provenance_ = group_->broadcast_text(provenance_);  // includes the origin of rank 0's weights
  share_state();
  if (batches_->position() != state_.samples) open_batches();
}

void Trainer::share_state() {
  if (group_->world() == 1) return;
  whole_ = false;
  const torch::NoGradGuard no_grad;
  for (torch::Tensor& tensor : net_->parameters()) group_->broadcast(tensor);
  if (ema_net_.ptr() != net_.ptr())
    for (torch::Tensor& tensor : ema_net_->parameters()) group_->broadcast(tensor);
  for (std::size_t i = 0; i < net_->parameters().size(); ++i)
    for (auto& [name, tensor] : soap_->state(i)) group_->broadcast(tensor);
  // As doubles, which represent every count below 2^53 exactly.
  std::vector<double> values = {static_cast<double>(soap_->steps)};
  state_.visit([&](const char*, const auto& value) { values.push_back(static_cast<double>(value)); });
  torch::Tensor shared = torch::tensor(values, torch::kFloat64);
  group_->broadcast(shared);
  const double* next = shared.data_ptr<double>();
  soap_->steps = static_cast<std::int64_t>(*next++);
  state_.visit([&](const char*, auto& value) { value = static_cast<std::decay_t<decltype(value)>>(*next++); });
  whole_ = true;
}

void Trainer::exchange(StepReport& report) {
  if (group_->world() == 1) return;
  torch::Tensor losses = as_tensor(report.loss);
  group_->all_reduce_mean(losses);
  report.loss = from_tensor(losses);
  report.images *= group_->world();

  const torch::NoGradGuard no_grad;
  // Unlike sums, the optimiser's bases may differ in rounding between processors.
  if (soap_->updates_bases())
    for (torch::Tensor& tensor : net_->parameters()) group_->broadcast(tensor);
  std::vector<torch::Tensor> gradients, flat;
  for (const torch::Tensor& parameter : net_->parameters())
    if (parameter.grad().defined()) gradients.push_back(parameter.grad());
  for (const torch::Tensor& gradient : gradients) flat.push_back(gradient.reshape(-1));
  torch::Tensor all = torch::cat(flat);
  group_->all_reduce_mean(all);
  std::int64_t at = 0;
  for (torch::Tensor& gradient : gradients)
    gradient.copy_(all.narrow(0, std::exchange(at, at + gradient.numel()), gradient.numel()).view_as(gradient));
}

double Trainer::of_leader(double value) {
  torch::Tensor shared = torch::tensor({value}, torch::kFloat64);
  group_->broadcast(shared);
  return shared.item<double>();
}

void Trainer::share(run::LossTerms& values) {
  torch::Tensor shared = as_tensor(values);
  group_->broadcast(shared);
  values = from_tensor(shared);
}

void Trainer::leave_checkpoint(const PeerLost& lost) {
  if (!whole_)
    throw PeerLost("{}; continue from the newest checkpoint with --resume {}", lost.what(),
                   config_.run.folder.string());
  if (group_->leader())
    checkpoint();
  else
    save_checkpoint(run::checkpoint_path(config_.run.folder, state_.step), ema_net_, net_, *soap_, checkpoint_info());
  throw PeerLost("{}; step {} is saved, continue with --resume {}", lost.what(), state_.step,
                 config_.run.folder.string());
}

}  // namespace pocketstyle::train
