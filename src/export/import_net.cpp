// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/export/import_net.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"
#include "pocketstyle/core/version.h"
#include "pocketstyle/run/metadata.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace pocketstyle::exporting {
namespace {

using Tensors = std::map<std::string, torch::Tensor>;

constexpr const char* kPrefix = "module.";  // what DataParallel puts in front
constexpr const char* kHeadWeight = "conv1.conv2d.weight";
constexpr const char* kTailWeight = "deconv3.conv2d.weight";
constexpr const char* kTailBias = "deconv3.conv2d.bias";

bool is_running_statistic(const std::string& name) {
  return name.ends_with(".running_mean") || name.ends_with(".running_var") || name.ends_with(".num_batches_tracked");
}

/// The four sizes of a convolution's weight. Throws DataError if it is missing or not a convolution's.
std::vector<std::int64_t> conv_shape(const Tensors& tensors, const std::string& name, const std::string& where) {
  const auto found = tensors.find(name);
  if (found == tensors.end())
    throw DataError("{}: tensor {} is missing, so this is not a network of the fast_neural_style example", where, name);
  if (found->second.dim() != 4)
    throw DataError("{}: tensor {}: expected 4 dimensions, found {}", where, name, found->second.dim());
  return found->second.sizes().vec();
}

config::Architecture infer_architecture(const Tensors& tensors, const std::string& where) {
  config::Architecture architecture;
  architecture.kernel = conv_shape(tensors, kHeadWeight, where)[2];
  const char* const names[] = {kHeadWeight, "conv2.conv2d.weight", "conv3.conv2d.weight"};
  for (std::size_t i = 0; i < architecture.widths.size(); ++i)
    architecture.widths[i] = conv_shape(tensors, names[i], where)[0];
  architecture.blocks = 0;
  while (tensors.contains(fmt::format("res{}.conv1.conv2d.weight", architecture.blocks + 1))) ++architecture.blocks;
  architecture.block =
      tensors.contains("res1.conv3.conv2d.weight") ? config::BlockKind::bottleneck : config::BlockKind::residual;
  architecture.mid = 0;
  if (architecture.block == config::BlockKind::bottleneck)
    architecture.mid = conv_shape(tensors, "res1.conv1.conv2d.weight", where)[0];
  try {
    config::check(architecture);
  } catch (const UsageError& error) {
    throw DataError("{}: its shapes make no network of ours: {}", where, error.what());
  }
  return architecture;
}

/// The file's tensors by plain name, in float32, without what instance norm makes superfluous.
Tensors read_tensors(const nn::TensorFile& file, const std::string& where, std::vector<std::string>& notes) {
  Tensors tensors;
  std::int64_t prefixed = 0, statistics = 0, biases = 0, converted = 0;
  for (const auto& [full_name, tensor] : file.tensors) {
    std::string name = full_name;
    if (name.starts_with(kPrefix)) {
      name.erase(0, std::string_view(kPrefix).size());
      ++prefixed;
    }
    if (is_running_statistic(name)) {
      ++statistics;
    } else if (name.ends_with(".conv2d.bias") && name != kTailBias) {
      ++biases;
    } else {
      if (!torch::isfinite(tensor).all().item<bool>())
        throw DataError("{}: tensor {} has values that are not finite", where, full_name);
      if (tensor.scalar_type() != torch::kFloat32) ++converted;
      if (!tensors.emplace(name, tensor.to(torch::kFloat32)).second)
        throw DataError("{}: tensor {} is there twice, with and without {}", where, name, kPrefix);
    }
  }
  if (prefixed > 0)
    notes.push_back(fmt::format("{} names had the prefix '{}', which was taken off", prefixed, kPrefix));
  if (biases > 0)
    notes.push_back(fmt::format("{} convolution biases dropped: the instance norm after them cancels them", biases));
  if (statistics > 0)
    notes.push_back(fmt::format("{} running statistics dropped: instance norm uses the picture's own", statistics));
  if (converted > 0) notes.push_back(fmt::format("{} tensors converted to float32", converted));
  return tensors;
}

/// Theirs: 0..255 in and out. Ours: x/255 - 0.45 inside, y*150 + 127.5 outside. The instance norm after the first
/// convolution cancels the shift, and the scale must stay for its eps.
void rescale(Tensors& tensors, const std::string& where) {
  if (!tensors.contains(kTailBias)) throw DataError("{}: tensor {} is missing", where, kTailBias);
  tensors[kHeadWeight] = tensors.at(kHeadWeight) / nn::kInputScale;
  tensors[kTailWeight] = tensors.at(kTailWeight) / nn::kOutputScale;
  tensors[kTailBias] = (tensors.at(kTailBias) - nn::kOutputShift) / nn::kOutputScale;
}

}  // namespace

ImportedNet import_net(const std::filesystem::path& path) {
  const std::string where = path.string();
  const std::string bytes = read_file(path);
  const nn::TensorFile file = nn::parse_safetensors(bytes, where);
  if (file.metadata.contains(run::kArchitectureKey))
    throw DataError("{}: is a network of ours already, so there is nothing to import", where);
  ImportedNet result;
  Tensors tensors = read_tensors(file, where, result.notes);
  const config::Architecture architecture = infer_architecture(tensors, where);
  conv_shape(tensors, kTailWeight, where);
  rescale(tensors, where);
  result.notes.push_back("conv1 and deconv3 rescaled from 0..255 to this product's ranges");

  nn::StyleNet net(architecture);
  nn::TensorFile ours;
  for (const auto& [name, tensor] : tensors) ours.tensors.emplace_back("net." + name, tensor);
  nn::get_net(ours, net, where);
  const auto parameters = net->named_parameters();
  for (const auto& entry : tensors)
    if (parameters.find(entry.first) == nullptr)
      throw DataError("{}: tensor {} is not of the fast_neural_style example's network", where, entry.first);
  for (auto& parameter : net->parameters()) parameter.set_requires_grad(false);
  net->eval();
  result.loaded.net = net;
  result.loaded.metadata = {
      {run::kFormatKey, run::kWeightsFormat},
      {run::kArchitectureKey, run::architecture_to_json(architecture)},
      {run::kProvenanceKey, nlohmann::ordered_json{{"pocketstyle", version()},
                                                   {"libtorch", TORCH_VERSION},
                                                   {"imported_from", path.filename().string()},
                                                   {"imported_sha256", sha256_hex(bytes)},
                                                   {"imported_convention", "fast_neural_style, RGB 0..255 in and out"}}
                                .dump()}};
  return result;
}

}  // namespace pocketstyle::exporting
