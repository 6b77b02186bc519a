// SPDX-License-Identifier: Apache-2.0
#include "export/graph.h"

#include "pocketstyle/core/error.h"

#include <algorithm>
#include <stdexcept>

namespace pocketstyle::exporting {
namespace {

constexpr double kByte = 255.0;
// Integer convolutions on processors without VNNI add pairs of products in 16 bits, which full-range weights overflow.
constexpr double kEightBits = 127, kSevenBits = 63;

/// "res1_conv1_weight" for "res1.conv1.conv2d.weight".
std::string tensor_name(const std::string& parameter) {
  constexpr std::string_view kLayer = ".conv2d";
  std::string name = parameter;
  if (const auto at = name.find(kLayer); at != std::string::npos) name.erase(at, kLayer.size());
  std::replace(name.begin(), name.end(), '.', '_');
  return name;
}

/// Appends steps; each function returns the name of its output.
class Builder {
 public:
  explicit Builder(Graph& graph) : graph_(graph) {}

  std::string conv(const network::Layer& layer, const std::string& input) {
    Step step{.kind = Step::Kind::conv, .input = input, .output = tensor_name(layer.name)};
    step.weight = tensor_name(layer.weight_name());
    if (layer.bias) step.bias = tensor_name(layer.bias_name());
    step.padding = layer.padding();
    step.stride = layer.stride;
    step.groups = layer.groups;
    return add(step);
  }
  std::string norm(const network::Layer& layer, const std::string& input) {
    const std::string name = tensor_name(layer.norm);
    return add(
        {.kind = Step::Kind::norm, .input = input, .output = name, .weight = name + "_weight", .bias = name + "_bias"});
  }
  std::string relu(const std::string& input) {
    return add({.kind = Step::Kind::relu, .input = input, .output = input + "_relu"});
  }
  std::string upsample(const network::Layer& layer, const std::string& input, const std::string& like) {
    return add({.kind = Step::Kind::upsample,
                .input = input,
                .output = "up" + std::to_string(++upsamplings_),
                .other = like,
                .level = layer.level});
  }
  std::string sum(const network::Layer& layer, const std::string& block_input, const std::string& branch) {
    return add(
        {.kind = Step::Kind::add, .input = block_input, .output = network::block_name(layer.block), .other = branch});
  }

 private:
  std::string add(const Step& step) {
    graph_.steps.push_back(step);
    return step.output;
  }
  Graph& graph_;
  int upsamplings_ = 0;
};

/// Quantises convolution weights to int8: the largest magnitude in each output channel becomes `levels`.
StoredTensor to_int8(const std::string& name, const torch::Tensor& weight, double levels) {
  const torch::Tensor flat = weight.flatten(1);
  const torch::Tensor scale = (flat.abs().amax(1) / levels).clamp_min(1e-12);
  const torch::Tensor stored = torch::round(flat / scale.unsqueeze(1)).clamp(-levels, levels).to(torch::kInt8);
  return {.name = name, .stored = stored.view(weight.sizes()), .scale = scale};
}

}  // namespace

const torch::Tensor& Graph::tensor(const std::string& name) const {
  for (const auto& [other, tensor] : tensors)
    if (other == name) return tensor;
  throw std::logic_error("graph without tensor " + name);
}

Graph to_graph(const nn::StyleNet& net) {
  Graph graph;
  graph.eps = net->norms.front()->options.eps();
  for (const auto& parameter : net->named_parameters())
    graph.tensors.emplace_back(
        tensor_name(parameter.key()),
        parameter.value().detach().to(torch::kCPU, torch::kFloat32).clone(torch::MemoryFormat::Contiguous));
  const network::Layer& output = net->layers.back();
  for (auto& [name, tensor] : graph.tensors) {
    if (name == tensor_name(output.weight_name())) tensor.mul_(nn::kOutputScale / kByte);
    if (name == tensor_name(output.bias_name())) tensor.mul_(nn::kOutputScale / kByte).add_(nn::kOutputShift / kByte);
  }

  Builder b(graph);
  std::map<std::int64_t, std::string> levels{{0, kGraphInput}};  // the first value at each level
  std::string y = kGraphInput, block_input;
  for (const network::Layer& layer : net->layers) {
    if (layer.begins_block) block_input = y;
    if (layer.doubles) y = b.upsample(layer, y, levels.at(layer.level));
    y = b.conv(layer, y);
    if (!layer.is_output()) y = b.norm(layer, y);
    if (layer.relu) y = b.relu(y);
    if (layer.ends_block) y = b.sum(layer, block_input, y);
    levels.try_emplace(layer.level, y);
  }
  return graph;
}

torch::Tensor transposed_kernel(const torch::Tensor& weight) {
  torch::Tensor kernel = weight;
  for (const std::int64_t dim : {2, 3}) {
    const torch::Tensor w0 = kernel.narrow(dim, 0, 1), w1 = kernel.narrow(dim, 1, 1), w2 = kernel.narrow(dim, 2, 1);
    kernel = torch::cat({w2, w1 + w2, w0 + w1, w0}, dim);
  }
  return kernel.permute({1, 0, 2, 3}).contiguous();
}

torch::Tensor StoredTensor::restore() const {
  const torch::Tensor values = stored.to(torch::kFloat32);
  if (scale.defined() && (stored.dim() != 4 || scale.numel() != stored.size(0)))  // else a product may be any size
    throw std::invalid_argument(fmt::format("{} has {} scales, which are not one per channel", name, scale.numel()));
  return scale.defined() ? values * scale.view({-1, 1, 1, 1}) : values;
}

std::vector<StoredTensor> store(const Graph& graph, Precision precision) {
  std::vector<StoredTensor> all;
  for (const auto& [name, tensor] : graph.tensors) {
    if (precision == Precision::fp32)
      all.push_back({.name = name, .stored = tensor, .scale = {}});
    else if (precision != Precision::fp16 && tensor.dim() == 4)
      all.push_back(to_int8(name, tensor, precision == Precision::int8_static ? kSevenBits : kEightBits));
    else
      all.push_back({.name = name, .stored = tensor.to(torch::kFloat16), .scale = {}});
  }
  return all;
}

nn::StyleNet net_of(const config::Architecture& architecture, const std::map<std::string, torch::Tensor>& restored) {
  nn::StyleNet net(architecture);
  const network::Layer& output = net->layers.back();
  const torch::NoGradGuard no_grad;
  for (auto& parameter : net->named_parameters()) {
    const auto found = restored.find(tensor_name(parameter.key()));
    if (found == restored.end() || found->second.sizes() != parameter.value().sizes())
      throw std::invalid_argument("expected a tensor " + tensor_name(parameter.key()) + " of the network's shape");
    torch::Tensor values = found->second;
    const bool bias = parameter.key() == output.bias_name();
    if (bias) values = values - nn::kOutputShift / kByte;
    if (bias || parameter.key() == output.weight_name()) values = values * (kByte / nn::kOutputScale);
    parameter.value().copy_(values);
    parameter.value().set_requires_grad(false);
  }
  net->eval();
  return net;
}

nn::StyleNet rounded_net(const nn::StyleNet& net, Precision precision) {
  std::map<std::string, torch::Tensor> restored;
  for (const StoredTensor& tensor : store(to_graph(net), precision)) restored[tensor.name] = tensor.restore();
  return net_of(net->architecture, restored);
}

}  // namespace pocketstyle::exporting
