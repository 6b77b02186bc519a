// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/nn/weights.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/network/layer_table.h"
#include "pocketstyle/run/folder.h"
#include "pocketstyle/run/metadata.h"

#include <nlohmann/json.hpp>

namespace pocketstyle::nn {
namespace fs = std::filesystem;

void put_net(TensorFile& file, const StyleNet& net) {
  for (const auto& parameter : net->named_parameters())
    file.tensors.emplace_back("net." + parameter.key(), parameter.value().detach());
  file.metadata[run::kArchitectureKey] = run::architecture_to_json(net->architecture);
}

void copy_tensor(const TensorFile& file, const std::string& name, torch::Tensor& into, const std::string& where) {
  const torch::Tensor* tensor = file.find(name);
  if (tensor == nullptr) throw DataError("{}: tensor {} is missing", where, name);
  if (tensor->sizes() != into.sizes())
    throw DataError("{}: tensor {}: expected shape [{}], found [{}]", where, name, fmt::join(into.sizes(), ", "),
                    fmt::join(tensor->sizes(), ", "));
  const torch::NoGradGuard no_grad;
  into.copy_(*tensor);
}

void get_net(const TensorFile& file, StyleNet& net, const std::string& where) {
  for (auto& parameter : net->named_parameters()) copy_tensor(file, "net." + parameter.key(), parameter.value(), where);
}

void save_net(const fs::path& path, const StyleNet& net, const std::map<std::string, std::string>& extra) {
  TensorFile file;
  file.metadata = extra;
  put_net(file, net);
  file.metadata[run::kFormatKey] = run::kWeightsFormat;
  write_safetensors(path, file);
}

LoadedNet load_net(const fs::path& path) {
  const fs::path resolved = resolve_net_path(path);
  const TensorFile file = read_safetensors(resolved);
  const auto architecture = file.metadata.find(run::kArchitectureKey);
  if (architecture == file.metadata.end())
    throw DataError(
        "{}: has no {} in its metadata, so it is not a pocketstyle network; for one trained elsewhere,  "
        "see pocketstyle import",
        resolved.string(), run::kArchitectureKey);
  LoadedNet loaded;
  const config::Architecture claimed = run::architecture_from_json(architecture->second, resolved.string());
  network::check_room(claimed, file.numbers(), resolved.string());
  loaded.net = StyleNet(claimed);
  get_net(file, loaded.net, resolved.string());
  for (auto& parameter : loaded.net->parameters()) parameter.set_requires_grad(false);
  loaded.net->eval();
  loaded.metadata = file.metadata;
  return loaded;
}

namespace {

/// Whether training continued to `checkpoint` after it had finished with `final_weights`.
bool went_on(const fs::path& final_weights, const fs::path& checkpoint) {
  const auto metadata = read_safetensors(final_weights).metadata;
  const auto provenance = metadata.find(run::kProvenanceKey);
  if (provenance == metadata.end()) return false;
  const auto json = nlohmann::json::parse(provenance->second, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object() || !json.contains("steps") || !json["steps"].is_number_integer()) return false;
  return run::checkpoint_path({}, json["steps"].get<std::int64_t>()).filename() < checkpoint.filename();
}

}  // namespace

fs::path resolve_net_path(const fs::path& path) {
  std::error_code error;
  if (!fs::is_directory(path, error)) return path;
  const auto checkpoints = run::list_checkpoints(path);
  fs::path last = path / run::kFinalWeightsName;
  if (fs::exists(last, error) && (checkpoints.empty() || !went_on(last, checkpoints.back()))) return last;
  if (checkpoints.empty())
    throw DataError("{}: expected a run folder with {} or checkpoints/, found neither", path.string(),
                    run::kFinalWeightsName);
  return checkpoints.back();
}

}  // namespace pocketstyle::nn
