// SPDX-License-Identifier: Apache-2.0
#include "export/onnx_model.h"

#include "pocketstyle/core/error.h"

#include <functional>
#include <limits>
#include <stdexcept>

namespace pocketstyle::exporting {
namespace {

using Ints = std::vector<std::int64_t>;

/// One operator's inputs and attributes; throws std::invalid_argument for missing ones and wrong types.
class Call {
 public:
  Call(const OnnxNode& node, std::vector<torch::Tensor> inputs) : node_(node), inputs_(std::move(inputs)) {}

  [[nodiscard]] bool has(std::size_t i) const { return i < inputs_.size() && inputs_[i].defined(); }
  [[nodiscard]] const torch::Tensor& input(std::size_t i) const {
    if (!has(i)) throw std::invalid_argument(fmt::format("input {} is missing", i));
    return inputs_[i];
  }
  [[nodiscard]] std::vector<torch::Tensor> all() const { return inputs_; }
  [[nodiscard]] Ints ints(std::size_t i) const {
    const torch::Tensor t = input(i).to(torch::kInt64).contiguous();
    return {t.data_ptr<std::int64_t>(), t.data_ptr<std::int64_t>() + t.numel()};
  }
  template <class T>
  [[nodiscard]] T attribute(const std::string& name, T otherwise) const {
    const auto found = node_.attributes.find(name);
    if (found == node_.attributes.end()) return otherwise;
    if (const T* value = std::get_if<T>(&found->second)) return *value;
    throw std::invalid_argument(fmt::format("attribute {} has the wrong type", name));
  }

 private:
  const OnnxNode& node_;
  std::vector<torch::Tensor> inputs_;
};

void require(bool condition, const char* what) {
  if (!condition) throw std::invalid_argument(what);
}

torch::Tensor conv(const Call& call) {
  require(call.attribute("auto_pad", std::string("NOTSET")) == "NOTSET", "auto_pad is not supported");
  const Ints pads = call.attribute("pads", Ints{0, 0, 0, 0});
  require(pads.size() == 4 && pads[0] == pads[2] && pads[1] == pads[3],
          "expected equal pads at both ends of two dimensions");
  return torch::conv2d(call.input(0), call.input(1), call.has(2) ? call.input(2) : torch::Tensor(),
                       call.attribute("strides", Ints{1, 1}), {pads[0], pads[1]},
                       call.attribute("dilations", Ints{1, 1}), call.attribute("group", std::int64_t{1}));
}

torch::Tensor conv_transpose(const Call& call) {
  const Ints pads = call.attribute("pads", Ints{0, 0, 0, 0});
  require(pads.size() == 4 && pads[0] == pads[2] && pads[1] == pads[3],
          "expected equal pads at both ends of two dimensions");
  return torch::conv_transpose2d(call.input(0), call.input(1), call.has(2) ? call.input(2) : torch::Tensor(),
                                 call.attribute("strides", Ints{1, 1}), {pads[0], pads[1]});
}

torch::Tensor pad(const Call& call) {
  const Ints pads = call.ints(1);
  require(call.input(0).dim() == 4 && pads.size() == 8 && pads[0] == 0 && pads[1] == 0 && pads[4] == 0 && pads[5] == 0,
          "only height and width can be padded");
  const std::string mode = call.attribute("mode", std::string("constant"));
  const Ints sides{pads[3], pads[7], pads[2], pads[6]};
  if (mode == "edge") return torch::replication_pad2d(call.input(0), sides);
  require(mode == "reflect", "only reflection and edge padding are supported");
  return torch::reflection_pad2d(call.input(0), sides);
}

torch::Tensor resize(const Call& call) {
  require(call.attribute("mode", std::string()) == "nearest" &&
              call.attribute("nearest_mode", std::string()) == "floor" &&
              call.attribute("coordinate_transformation_mode", std::string()) == "asymmetric",
          "only nearest, asymmetric, floor is supported");
  require(torch::equal(call.input(2).to(torch::kFloat32), torch::tensor({1.0F, 1.0F, 2.0F, 2.0F})),
          "only doubling is supported");
  return torch::repeat_interleave(torch::repeat_interleave(call.input(0), 2, 2), 2, 3);
}

torch::Tensor slice(const Call& call) {
  const Ints starts = call.ints(1), ends = call.ints(2), axes = call.ints(3);
  require(starts.size() == ends.size() && starts.size() == axes.size(),
          "expected starts, ends and axes of the same length");
  torch::Tensor y = call.input(0);
  for (std::size_t i = 0; i < axes.size(); ++i) y = y.slice(axes[i], starts[i], ends[i], 1);
  return y;
}

torch::Tensor cast(const Call& call) {
  switch (call.attribute("to", std::int64_t{0})) {
    case 1:
      return call.input(0).to(torch::kFloat32);
    case 2:
      return call.input(0).to(torch::kUInt8);
    default:
      throw std::invalid_argument("only casts to float and uint8 are supported");
  }
}

torch::Tensor dequantize(const Call& call) {
  Ints shape(static_cast<std::size_t>(call.input(0).dim()), 1);
  const std::int64_t axis = call.attribute("axis", std::int64_t{1});
  require(axis >= 0 && axis < call.input(0).dim(), "axis out of range");
  shape[static_cast<std::size_t>(axis)] = call.input(1).numel();
  const torch::Tensor zero = call.input(2).to(torch::kFloat32).view(shape);
  return (call.input(0).to(torch::kFloat32) - zero) * call.input(1).view(shape);
}

torch::Tensor quantize(const Call& call) {
  const torch::Tensor levels = torch::round(call.input(0) / call.input(1)) + call.input(2).to(torch::kFloat32);
  require(call.input(2).scalar_type() == torch::kUInt8, "only uint8 is supported");
  return levels.clamp(0, 255).to(torch::kUInt8);
}

torch::Tensor shape_of(const Call& call) {
  return torch::tensor(call.input(0).sizes(), torch::kInt64);
}

using Operator = std::function<torch::Tensor(const Call&)>;

const std::map<std::string, Operator>& operators() {
  static const std::map<std::string, Operator> all = {
      {"Add", [](const Call& c) { return c.input(0) + c.input(1); }},
      {"Sub", [](const Call& c) { return c.input(0) - c.input(1); }},
      {"Mul", [](const Call& c) { return c.input(0) * c.input(1); }},
      {"Relu", [](const Call& c) { return torch::relu(c.input(0)); }},
      {"Floor", [](const Call& c) { return torch::floor(c.input(0)); }},
      {"Clip", [](const Call& c) { return torch::minimum(torch::maximum(c.input(0), c.input(1)), c.input(2)); }},
      {"InstanceNormalization",
       [](const Call& c) {
         return torch::instance_norm(c.input(0), c.input(1), c.input(2), {}, {}, true, 0.0,
                                     c.attribute("epsilon", 1e-5F), false);
       }},
      {"Concat", [](const Call& c) { return torch::cat(c.all(), c.attribute("axis", std::int64_t{0})); }},
      {"Transpose", [](const Call& c) { return c.input(0).permute(c.attribute("perm", Ints{})); }},
      {"Unsqueeze", [](const Call& c) { return c.input(0).unsqueeze(c.ints(1).at(0)); }},
      {"Squeeze", [](const Call& c) { return c.input(0).squeeze(c.ints(1).at(0)); }},
      {"Conv", conv},
      {"ConvTranspose", conv_transpose},
      {"Pad", pad},
      {"Resize", resize},
      {"Slice", slice},
      {"Shape", shape_of},
      {"Cast", cast},
      {"DequantizeLinear", dequantize},
      {"QuantizeLinear", quantize},
  };
  return all;
}

}  // namespace

torch::Tensor run_onnx(const OnnxModel& model, const torch::Tensor& input, const std::string& where,
                       const OnnxObserver& observe) {
  if (model.inputs.size() != 1 || model.outputs.size() != 1)
    throw DataError("{}: expected a model with one input and one output", where);
  const torch::NoGradGuard no_grad;
  std::map<std::string, std::size_t> last_use;  // values are freed after it, which limits memory use
  for (std::size_t i = 0; i < model.nodes.size(); ++i)
    for (const std::string& name : model.nodes[i].inputs) last_use[name] = i;
  last_use[model.outputs[0].name] = std::numeric_limits<std::size_t>::max();

  std::map<std::string, torch::Tensor> values(model.initializers.begin(), model.initializers.end());
  values[model.inputs[0].name] = input;
  for (std::size_t i = 0; i < model.nodes.size(); ++i) {
    const OnnxNode& node = model.nodes[i];
    const auto op = operators().find(node.op);
    if (op == operators().end()) throw DataError("{}: operator {} is not supported", where, node.op);
    std::vector<torch::Tensor> inputs;
    for (const std::string& name : node.inputs) {
      const auto found = values.find(name);
      if (!name.empty() && found == values.end())
        throw DataError("{}: {} '{}' reads '{}', which no earlier node computes", where, node.op, node.output, name);
      inputs.push_back(name.empty() ? torch::Tensor() : found->second);
    }
    try {
      values[node.output] = op->second(Call(node, std::move(inputs)));
      if (observe) observe(node.output, values[node.output]);
    } catch (const std::exception& error) {  // including c10::Error
      throw DataError("{}: {} '{}': {}", where, node.op, node.output, first_line(error.what()));
    }
    for (const std::string& name : node.inputs)
      if (last_use[name] == i) values.erase(name);
  }
  const auto result = values.find(model.outputs[0].name);
  if (result == values.end()) throw DataError("{}: no node computes its output '{}'", where, model.outputs[0].name);
  return result->second;
}

}  // namespace pocketstyle::exporting
