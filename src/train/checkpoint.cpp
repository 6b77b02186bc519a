// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/train/checkpoint.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/json_text.h"
#include "pocketstyle/nn/weights.h"
#include "pocketstyle/run/metadata.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace pocketstyle::train {
namespace {

constexpr const char* kTrainingPrefix = "training.";
constexpr const char* kStateKey = "pocketstyle.state";
constexpr const char* kConfigKey = "pocketstyle.config";
constexpr const char* kOptimiserPrefix = "adam.";
constexpr const char* kOptimiserStepsKey = "adam_steps";
constexpr const char* kBasesKey = "bases";  // whether the optimiser's are in the file; earlier versions had none

const std::string& metadata_of(const nn::TensorFile& file, const char* key, const std::string& where) {
  const auto found = file.metadata.find(key);
  if (found == file.metadata.end()) throw DataError("{}: metadata {} is missing", where, key);
  return found->second;
}

}  // namespace

void save_checkpoint(const std::filesystem::path& path, const nn::StyleNet& ema_net, const nn::StyleNet& net,
                     const Soap& soap, const CheckpointInfo& info) {
  nn::TensorFile file;
  nn::put_net(file, ema_net);
  if (ema_net.ptr() != net.ptr())
    for (const auto& parameter : net->named_parameters())
      file.tensors.emplace_back(kTrainingPrefix + parameter.key(), parameter.value().detach());
  std::size_t i = 0;
  for (const auto& parameter : net->named_parameters()) {
    for (const auto& [name, tensor] : soap.state(i++))
      file.tensors.emplace_back(kOptimiserPrefix + name + "." + parameter.key(), tensor.contiguous());
  }
  nlohmann::ordered_json state{{kOptimiserStepsKey, soap.steps}, {kBasesKey, true}};
  TrainState copy = info.state;
  copy.visit([&](const char* name, const auto& value) { state[name] = value; });
  file.metadata[run::kFormatKey] = run::kCheckpointFormat;
  file.metadata[kStateKey] = json_text(state);
  file.metadata[kConfigKey] = info.origin.config_yaml;
  file.metadata[run::kProvenanceKey] = info.origin.provenance_json;
  nn::write_safetensors(path, file);
}

void TrainState::update_gradient_norm(double norm) {
  constexpr double kShare = 0.02;  // weight of the newest norm, after the first steps
  constexpr double kMost = 10;     // times the mean; a norm beyond it counts as this, or later gradients would vanish
  if (mean_gradient_norm == 0) {
    mean_gradient_norm = norm;
    return;
  }
  const double share = std::max(kShare, 1.0 / static_cast<double>(step + 1));
  mean_gradient_norm += share * (std::min(norm, kMost * mean_gradient_norm) - mean_gradient_norm);
}

CheckpointInfo load_checkpoint(const std::filesystem::path& path, nn::StyleNet& ema_net, nn::StyleNet& net,
                               Soap& soap) {
  const std::string where = path.string();
  const nn::TensorFile file = nn::read_safetensors(path);
  const std::string& format = metadata_of(file, run::kFormatKey, where);
  if (format != run::kCheckpointFormat)
    throw DataError("{}: expected format '{}', found '{}'", where, run::kCheckpointFormat, format);
  const auto architecture = run::architecture_from_json(metadata_of(file, run::kArchitectureKey, where), where);
  if (architecture != net->architecture)
    throw DataError("{}: contains {}, but the configuration asks for {}", where, config::describe(architecture),
                    config::describe(net->architecture));
  const torch::NoGradGuard no_grad;
  nn::get_net(file, ema_net, where);
  if (ema_net.ptr() != net.ptr())
    for (auto& parameter : net->named_parameters())
      nn::copy_tensor(file, kTrainingPrefix + parameter.key(), parameter.value(), where);
  CheckpointInfo info;
  bool has_bases = false;
  try {
    auto state = nlohmann::json::parse(metadata_of(file, kStateKey, where));
    // Files from versions without these fields.
    if (!state.contains("settled")) state["settled"] = state.at("step");
    for (const char* name : {"mean_gradient_norm", "first_loss", "first_held_out", "spent_seconds"})
      if (!state.contains(name)) state[name] = 0.0;
    if (!state.contains("planned_steps")) state["planned_steps"] = 0;
    has_bases = state.value(kBasesKey, false);
    soap.steps = state.at(kOptimiserStepsKey).get<std::int64_t>();
    info.state.visit([&](const char* name, auto& value) { state.at(name).get_to(value); });
  } catch (const nlohmann::json::exception&) {
    throw DataError("{}: {} is damaged", where, kStateKey);
  }
  if (!has_bases) soap.reset_bases();
  std::size_t i = 0;
  for (const auto& parameter : net->named_parameters())
    for (auto& [name, tensor] : soap.state(i++))
      if (has_bases || name.starts_with("mean"))
        nn::copy_tensor(file, kOptimiserPrefix + name + "." + parameter.key(), tensor, where);
  info.origin.config_yaml = metadata_of(file, kConfigKey, where);
  info.origin.provenance_json = metadata_of(file, run::kProvenanceKey, where);
  info.origin.net = architecture;
  return info;
}

}  // namespace pocketstyle::train
