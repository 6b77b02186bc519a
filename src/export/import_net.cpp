// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/export/import_net.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"
#include "pocketstyle/core/json_text.h"
#include "pocketstyle/core/version.h"
#include "pocketstyle/network/infer.h"
#include "pocketstyle/network/layer_table.h"
#include "pocketstyle/run/metadata.h"

#include <nlohmann/json.hpp>

namespace pocketstyle::exporting {
namespace {

using Tensors = std::map<std::string, torch::Tensor>;

constexpr const char* kPrefix = "module.";  // added by DataParallel

bool is_running_statistic(const std::string& name) {
  return name.ends_with(".running_mean") || name.ends_with(".running_var") || name.ends_with(".num_batches_tracked");
}

/// The file's tensors by plain name, in float32, without those that instance norm makes redundant.
Tensors read_tensors(const nn::TensorFile& file, const std::string& where, std::vector<std::string>& notes) {
  const std::string output_bias = network::layers({}).back().bias_name();  // the same for every network
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
    } else if (name.ends_with(".conv2d.bias") && name != output_bias) {
      ++biases;
    } else {
      if (!torch::isfinite(tensor).all().item<bool>())
        throw DataError("{}: tensor {} has values that are not finite", where, full_name);
      if (tensor.scalar_type() != torch::kFloat32) ++converted;
      if (!tensors.emplace(name, tensor.to(torch::kFloat32)).second)
        throw DataError("{}: tensor {} is present twice, with and without {}", where, name, kPrefix);
    }
  }
  if (prefixed > 0) notes.push_back(fmt::format("{} names had the prefix '{}', which was removed", prefixed, kPrefix));
  if (biases > 0)
    notes.push_back(fmt::format("{} convolution biases dropped: the instance norm after them cancels them", biases));
  if (statistics > 0)
    notes.push_back(fmt::format("{} running statistics dropped: instance norm uses the picture's own", statistics));
  if (converted > 0) notes.push_back(fmt::format("{} tensors converted to float32", converted));
  return tensors;
}

/// Theirs: input and output 0..255. Ours: x/255 - 0.45 at the input, y*150 + 127.5 at the output. The instance norm
/// after the first convolution cancels the shift; the scale must be kept because of its eps.
void rescale(Tensors& tensors, const network::Layer& input, const network::Layer& output, const std::string& where) {
  const auto bias = tensors.find(output.bias_name());
  if (bias == tensors.end()) throw DataError("{}: tensor {} is missing", where, output.bias_name());
  bias->second = (bias->second - nn::kOutputShift) / nn::kOutputScale;
  tensors[input.weight_name()] = tensors.at(input.weight_name()) / nn::kInputScale;
  tensors[output.weight_name()] = tensors.at(output.weight_name()) / nn::kOutputScale;
}

network::TensorSizes sizes_of(const Tensors& tensors) {
  network::TensorSizes sizes;
  for (const auto& [name, tensor] : tensors) sizes[name] = tensor.sizes().vec();
  return sizes;
}

}  // namespace

ImportedNet import_net(const std::filesystem::path& path) {
  const std::string where = path.string();
  const std::string bytes = read_file(path);
  const nn::TensorFile file = nn::parse_safetensors(bytes, where);
  if (file.metadata.contains(run::kArchitectureKey))
    throw DataError("{}: is already a pocketstyle network, nothing to import", where);
  ImportedNet result;
  Tensors tensors = read_tensors(file, where, result.notes);
  const config::Architecture architecture = network::infer_architecture(sizes_of(tensors), where);
  network::check_room(architecture, file.numbers(), where);
  nn::StyleNet net(architecture);
  const network::Layer &input = net->layers.front(), &output = net->layers.back();
  rescale(tensors, input, output, where);
  result.notes.push_back(
      fmt::format("{} and {} rescaled from 0..255 to this product's ranges", input.name, output.name));

  nn::TensorFile ours;
  for (const auto& [name, tensor] : tensors) ours.tensors.emplace_back("net." + name, tensor);
  nn::get_net(ours, net, where);
  const auto parameters = net->named_parameters();
  for (const auto& entry : tensors)
    if (parameters.find(entry.first) == nullptr)
      throw DataError("{}: tensor {} does not belong to a fast_neural_style network", where, entry.first);
  for (auto& parameter : net->parameters()) parameter.set_requires_grad(false);
  net->eval();
  result.loaded.net = net;
  result.loaded.metadata = {
      {run::kFormatKey, run::kWeightsFormat},
      {run::kArchitectureKey, run::architecture_to_json(architecture)},
      {run::kProvenanceKey,
       json_text(nlohmann::ordered_json{{"pocketstyle", version()},
                                        {"libtorch", TORCH_VERSION},
                                        {"imported_from", path.filename().string()},
                                        {"imported_sha256", sha256_hex(bytes)},
                                        {"imported_convention", "fast_neural_style, RGB 0..255 in and out"}})}};
  return result;
}

}  // namespace pocketstyle::exporting
