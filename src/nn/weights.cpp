// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/nn/weights.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace pocketstyle::nn {
namespace fs = std::filesystem;

std::string architecture_to_json(const config::Architecture& architecture) {
  return nlohmann::ordered_json{{"kernel", architecture.kernel},
                                {"widths", architecture.widths},
                                {"block", config::to_string(architecture.block)},
                                {"blocks", architecture.blocks},
                                {"mid", architecture.mid}}
      .dump();
}

config::Architecture architecture_from_json(const std::string& json, const std::string& where) {
  try {
    const auto parsed = nlohmann::json::parse(json);
    config::Architecture architecture;
    architecture.kernel = parsed.at("kernel").get<std::int64_t>();
    architecture.widths = parsed.at("widths").get<std::array<std::int64_t, 3>>();
    architecture.block = config::block_kind_from_string(parsed.at("block").get<std::string>());
    architecture.blocks = parsed.at("blocks").get<std::int64_t>();
    architecture.mid = parsed.at("mid").get<std::int64_t>();
    config::check(architecture);
    return architecture;
  } catch (const nlohmann::json::exception& error) {
    throw DataError("{}: {} is not what it should be: {}", where, kArchitectureKey, error.what());
  } catch (const UsageError& error) {
    throw DataError("{}: {}", where, error.what());
  }
}

void put_net(TensorFile& file, const StyleNet& net) {
  for (const auto& parameter : net->named_parameters())
    file.tensors.emplace_back("net." + parameter.key(), parameter.value().detach());
  file.metadata[kArchitectureKey] = architecture_to_json(net->architecture);
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
  file.metadata[kFormatKey] = kWeightsFormat;
  write_safetensors(path, file);
}

LoadedNet load_net(const fs::path& path) {
  const fs::path resolved = resolve_net_path(path);
  const TensorFile file = read_safetensors(resolved);
  const auto architecture = file.metadata.find(kArchitectureKey);
  if (architecture == file.metadata.end())
    throw DataError(
        "{}: has no {} in its metadata, so it is not a network of ours; to bring one trained elsewhere, "
        "see pocketstyle import",
        resolved.string(), kArchitectureKey);
  LoadedNet loaded;
  loaded.net = StyleNet(architecture_from_json(architecture->second, resolved.string()));
  get_net(file, loaded.net, resolved.string());
  for (auto& parameter : loaded.net->parameters()) parameter.set_requires_grad(false);
  loaded.net->eval();
  loaded.metadata = file.metadata;
  return loaded;
}

fs::path checkpoint_path(const fs::path& run_folder, std::int64_t step) {
  return run_folder / "checkpoints" / fmt::format("step-{:08}.safetensors", step);
}

std::vector<fs::path> list_checkpoints(const fs::path& run_folder) {
  std::vector<fs::path> found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(run_folder / "checkpoints", error)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with("step-") && name.ends_with(".safetensors")) found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

namespace {

/// Whether the run went on to `checkpoint` after it had ended with the weights `final_weights`.
bool went_on(const fs::path& final_weights, const fs::path& checkpoint) {
  const auto metadata = read_safetensors(final_weights).metadata;
  const auto provenance = metadata.find(kProvenanceKey);
  if (provenance == metadata.end()) return false;
  const auto json = nlohmann::json::parse(provenance->second, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object() || !json.contains("steps") || !json["steps"].is_number_integer()) return false;
  return checkpoint_path({}, json["steps"].get<std::int64_t>()).filename() < checkpoint.filename();
}

}  // namespace

fs::path resolve_net_path(const fs::path& path) {
  std::error_code error;
  if (!fs::is_directory(path, error)) return path;
  const auto checkpoints = list_checkpoints(path);
  fs::path last = path / kFinalWeightsName;
  if (fs::exists(last, error) && (checkpoints.empty() || !went_on(last, checkpoints.back()))) return last;
  if (checkpoints.empty())
    throw DataError("{}: expected a run folder with {} or checkpoints/, found neither", path.string(),
                    kFinalWeightsName);
  return checkpoints.back();
}

}  // namespace pocketstyle::nn
