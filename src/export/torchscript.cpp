// SPDX-License-Identifier: Apache-2.0
#include "export/torchscript.h"

#include "pocketstyle/core/error.h"

#include <ATen/core/dispatch/Dispatcher.h>
#include <torch/csrc/jit/frontend/resolver.h>
#include <torch/csrc/jit/frontend/sugared_value.h>

#include <map>
#include <set>
#include <string>

namespace pocketstyle::exporting {
namespace {

// TorchScript in C++ has no names for these: they are the values of c10::ScalarType and c10::MemoryFormat.
constexpr int kFloat32 = 6, kChannelsLast = 2;  // and uint8 is 0

/// Makes `ops.prepacked.f(...)` known to the TorchScript compiler.
struct OpsResolver : torch::jit::Resolver {
  struct Namespaces : torch::jit::SugaredValue {
    [[nodiscard]] std::string kind() const override { return "ops"; }
    std::shared_ptr<torch::jit::SugaredValue> attr(const torch::jit::SourceRange& /*where*/,
                                                   torch::jit::GraphFunction& /*function*/,
                                                   const std::string& name) override {
      return std::make_shared<torch::jit::BuiltinModule>(name);
    }
  };
  std::shared_ptr<torch::jit::SugaredValue> resolveValue(const std::string& name, torch::jit::GraphFunction& function,
                                                         const torch::jit::SourceRange& where) override {
    if (name == "ops") return std::make_shared<Namespaces>();
    return torch::jit::nativeResolver()->resolveValue(name, function, where);
  }
  c10::TypePtr resolveType(const std::string& name, const torch::jit::SourceRange& where) override {
    return torch::jit::nativeResolver()->resolveType(name, where);
  }
};

/// XNNPACK's convolutions work on this many channels at a time.
constexpr std::int64_t kVector = 8;

/// `graph` with every number of channels rounded up to full vectors, except those of the pictures: the channels that
/// are added are zero in every step, since their kernels, norms' weights and biases are.
Graph with_full_vectors(Graph graph) {
  std::map<std::string, torch::Tensor*> tensors;
  for (auto& [name, tensor] : graph.tensors) tensors[name] = &tensor;
  const auto missing = [](std::int64_t channels) { return (kVector - channels % kVector) % kVector; };
  for (Step& step : graph.steps) {
    if (step.kind == Step::Kind::norm)
      for (const std::string& name : {step.weight, step.bias}) {
        torch::Tensor& values = *tensors.at(name);
        values = torch::constant_pad_nd(values, {0, missing(values.size(0))});
      }
    if (step.kind != Step::Kind::conv) continue;
    torch::Tensor& kernel = *tensors.at(step.weight);
    const bool first = &step == &graph.steps.front(), last = &step == &graph.steps.back(), depthwise = step.groups > 1;
    const std::int64_t in = first || depthwise ? 0 : missing(kernel.size(1)), out = last ? 0 : missing(kernel.size(0));
    kernel = torch::constant_pad_nd(kernel, {0, 0, 0, 0, 0, in, 0, out});
    if (depthwise) step.groups += out;
  }
  return graph;
}

/// The network's output convolution in rows, if the form asks for it: like nn::conv_to_few. Not after a doubling.
bool is_in_rows(const Graph& graph, const TorchScriptForm& form, const Step& step) {
  return form.tail_in_rows && &step == &graph.steps.back() && step.padding > 0 &&
         graph.steps[graph.steps.size() - 2].kind != Step::Kind::upsample;
}

/// A convolution's bias as an argument.
std::string bias_of(const Step& step) {
  return step.bias.empty() ? "None" : "self." + step.bias;
}

/// Writes the methods' lines.
class CodeWriter {
 public:
  CodeWriter(const Graph& graph, const TorchScriptForm& form) : graph_(graph), form_(form) {
    for (const Step& step : graph.steps)
      if (step.kind == Step::Kind::upsample) levels_.insert(step.other);
  }

  std::string forward() {
    text_ = "def forward(self, x: Tensor) -> Tensor:\n";
    line(fmt::format("x = torch.add(x, {})", nn::kInputShift));
    remember_size(kGraphInput);
    if (form_.channels_last) line(fmt::format("x = x.contiguous(memory_format={})", kChannelsLast));
    const Step* upsample = nullptr;  // waits for the convolution that it may be fused with
    for (const Step& step : graph_.steps) {
      switch (step.kind) {
        case Step::Kind::conv:
          if (upsample != nullptr) {
            upsampled_conv(*upsample, step);
            upsample = nullptr;
          } else {
            conv(step, step.input, "    ");
          }
          break;
        case Step::Kind::norm:
          norm(step);
          break;
        case Step::Kind::relu:
          line(fmt::format("{} = torch.relu({})", step.output, step.input));
          break;
        case Step::Kind::add:
          line(fmt::format("{} = torch.add({}, {})", step.output, step.input, step.other));
          break;
        case Step::Kind::upsample:
          upsample = &step;
          break;
      }
      remember_size(step.output);
    }
    line(fmt::format("return torch.clamp({}, 0.0, 1.0).contiguous()", graph_.steps.back().output));
    return text_;
  }

  /// Restores the stored tensors, in the order of `stored`: each tensor is followed by its scale if it has one.
  std::string set_state(const std::vector<StoredTensor>& stored) {
    text_ = "def __setstate__(self, state: Tuple[List[Tensor], bool]) -> None:\n";
    line("self.stored = state[0]");
    line("self.training = state[1]");
    std::size_t at = 0;
    for (const StoredTensor& tensor : stored) {
      line(fmt::format("{} = state[0][{}].to({})", tensor.name, at++, kFloat32));
      if (tensor.scale.defined()) line(fmt::format("{0} = torch.mul({0}, state[0][{1}])", tensor.name, at++));
      widen(tensor);
      if (!form_.prepacked || !tensor.name.ends_with("_weight") || tensor.stored.dim() != 4)
        line(fmt::format("self.{0} = {0}", tensor.name));
    }
    const Step* upsample = nullptr;
    for (const Step& step : graph_.steps) {
      if (step.kind == Step::Kind::conv) prepare(step, upsample != nullptr);
      upsample = step.kind == Step::Kind::upsample ? &step : nullptr;
    }
    return text_;
  }

 private:
  void line(const std::string& text, const std::string& indent = "    ") { text_ += indent + text + "\n"; }

  /// A restored tensor that has fewer channels than the graph's gets the others, which are zero.
  void widen(const StoredTensor& tensor) {
    const auto wanted = graph_.tensor(tensor.name).sizes(), stored = tensor.stored.sizes();
    if (wanted == stored) return;
    std::vector<std::int64_t> added;  // before and after each dimension, the last one first
    for (std::size_t dim = stored.size(); dim-- > 0;) added.insert(added.end(), {0, wanted[dim] - stored[dim]});
    line(fmt::format("{0} = torch.constant_pad_nd({0}, [{1}], 0.0)", tensor.name, fmt::join(added, ", ")));
  }

  void remember_size(const std::string& value) {
    if (!levels_.contains(value)) return;
    line(fmt::format("{0}_h = {0}.size(2)", value));
    line(fmt::format("{0}_w = {0}.size(3)", value));
  }

  void norm(const Step& step) {
    if (form_.group_norm)
      line(fmt::format("{} = torch.group_norm({}, {}, self.{}, self.{}, {}, True)", step.output, step.input,
                       graph_.tensor(step.weight).size(0), step.weight, step.bias, graph_.eps));
    else
      line(fmt::format("{} = torch.instance_norm({}, self.{}, self.{}, None, None, True, 0.1, {}, False)", step.output,
                       step.input, step.weight, step.bias, graph_.eps));
  }

  /// `value` padded by `width` pixels, by reflection (edge not repeated) or by repeating the edge.
  std::string padded(const std::string& value, std::int64_t width, bool repeat_edge, const std::string& indent) {
    if (width == 0) return value;
    if (!form_.pad_by_cat)
      return fmt::format("torch.{}_pad2d({}, [{}, {}, {}, {}])", repeat_edge ? "replication" : "reflection", value,
                         width, width, width, width);
    // narrow instead of x[:, :, 1:2], which costs one operator per ':'.
    std::string from = value;
    for (const int dim : {2, 3}) {
      std::vector<std::string> parts;
      const auto part = [&](std::int64_t start) {
        parts.push_back(fmt::format("torch.narrow({}, {}, {}, 1)", from, dim, start));
      };
      for (std::int64_t i = width; i > 0; --i) part(repeat_edge ? 0 : i);
      parts.push_back(from);
      for (std::int64_t i = 1; i <= width; ++i) part(repeat_edge ? -1 : -1 - i);
      line(fmt::format("p{} = torch.cat([{}], {})", dim, fmt::join(parts, ", "), dim), indent);
      from = fmt::format("p{}", dim);
    }
    return from;
  }

  [[nodiscard]] bool in_rows(const Step& step) const { return is_in_rows(graph_, form_, step); }

  /// Output pixel (h, w) is the sum over i of channels i * out.. at (h + i, w).
  void conv_in_rows(const Step& step, const std::string& from) {
    const std::int64_t out = graph_.tensor(step.weight).size(0);
    if (form_.prepacked)
      line(fmt::format("rows = ops.prepacked.conv2d_clamp_run({}, self.{}_rows).contiguous()", from, step.weight));
    else
      line(fmt::format("rows = torch.conv2d({}, self.{}_rows, None, [1, 1], [0, 0], [1, 1], 1).contiguous()", from,
                       step.weight));
    for (std::int64_t i = 0; i <= 2 * step.padding; ++i) {
      const std::string row =
          fmt::format("torch.narrow(torch.narrow(rows, 1, {}, {}), 2, {}, {}_h)", i * out, out, i, kGraphInput);
      line(i == 0 ? fmt::format("{} = {}", step.output, row)
                  : fmt::format("{0} = torch.add({0}, {1})", step.output, row));
    }
    line(fmt::format("{0} = torch.add({0}, self.{1}.view([1, {2}, 1, 1]))", step.output, step.bias, out));
  }

  void conv(const Step& step, const std::string& input, const std::string& indent) {
    const std::string from = padded(input, step.padding, /*repeat_edge=*/false, indent);
    if (in_rows(step)) return conv_in_rows(step, from);
    if (form_.prepacked)
      line(fmt::format("{} = ops.prepacked.conv2d_clamp_run({}, self.{}_packed)", step.output, from, step.weight),
           indent);
    else
      line(fmt::format("{} = torch.conv2d({}, self.{}, {}, [{}, {}], [0, 0], [1, 1], {})", step.output, from,
                       step.weight, bias_of(step), step.stride, step.stride, step.groups),
           indent);
  }

  void plain_upsampled_conv(const Step& upsample, const Step& step, const std::string& indent) {
    // By a factor, then cropped: an odd target size would sample other pixels.
    line(fmt::format("{} = torch.upsample_nearest2d({}, None, [2.0, 2.0])", upsample.output, upsample.input), indent);
    line(
        fmt::format("{0} = torch.narrow(torch.narrow({0}, 2, 0, {1}_h), 3, 0, {1}_w)", upsample.output, upsample.other),
        indent);
    conv(step, upsample.output, indent);
  }

  /// The transposed form of transposed_kernel (graph.h) wherever the upsampled size is even.
  void upsampled_conv(const Step& upsample, const Step& step) {
    if (!form_.transposed) return plain_upsampled_conv(upsample, step, "    ");
    const std::string deep = "        ";
    line(fmt::format("if {0}_h == 2 * {1}.size(2) and {0}_w == 2 * {1}.size(3):", upsample.other, upsample.input));
    const std::string from = padded(upsample.input, 1, /*repeat_edge=*/true, deep);
    if (form_.prepacked)
      line(fmt::format("{} = ops.prepacked.conv2d_transpose_clamp_run({}, self.{}_transposed)", step.output, from,
                       step.weight),
           deep);
    else
      line(fmt::format("{} = torch.conv_transpose2d({}, self.{}_transposed, {}, [2, 2], [3, 3], [0, 0], 1, [1, 1])",
                       step.output, from, step.weight, bias_of(step)),
           deep);
    line("else:");
    plain_upsampled_conv(upsample, step, deep);
  }

  /// The derived tensors that a convolution needs besides its weight.
  void prepare(const Step& step, bool upsampled) {
    const std::string& w = step.weight;
    if (form_.transposed && upsampled) {
      line(
          fmt::format("t = torch.stack([{0}[:, :, 2], {0}[:, :, 1] + {0}[:, :, 2], {0}[:, :, 0] + {0}[:, :, 1], "
                      "{0}[:, :, 0]], 2)",
                      w));
      line(
          "t = torch.stack([t[:, :, :, 2], t[:, :, :, 1] + t[:, :, :, 2], t[:, :, :, 0] + t[:, :, :, 1], "
          "t[:, :, :, 0]], 3)");
      line("t = t.permute([1, 0, 2, 3]).contiguous()");
      if (form_.prepacked)
        line(
            fmt::format("self.{}_transposed = ops.prepacked.conv2d_transpose_clamp_prepack(t, {}, [2, 2], [3, 3], "
                        "[0, 0], [1, 1], 1, None, None)",
                        w, bias_of(step)));
      else
        line(fmt::format("self.{}_transposed = t", w));
    }
    if (in_rows(step)) {
      const torch::Tensor& kernel = graph_.tensor(w);  // [out, in, k, k], as [k * out, in, 1, k]
      line(fmt::format("t = {}.permute([2, 0, 1, 3]).reshape([{}, {}, 1, {}]).contiguous()", w,
                       kernel.size(2) * kernel.size(0), kernel.size(1), kernel.size(3)));
      line(form_.prepacked ? fmt::format("self.{}_rows = ops.prepacked.conv2d_clamp_prepack(t, None, [1, 1], [0, 0], "
                                         "[1, 1], 1, None, None)",
                                         w)
                           : fmt::format("self.{}_rows = t", w));
      return;
    }
    if (form_.prepacked)
      line(
          fmt::format("self.{0}_packed = ops.prepacked.conv2d_clamp_prepack({0}, {1}, [{2}, {2}], [0, 0], [1, 1], {3}, "
                      "None, None)",
                      w, bias_of(step), step.stride, step.groups));
  }

  const Graph& graph_;
  const TorchScriptForm& form_;
  std::set<std::string> levels_;  // values whose size an upsampling is cropped to
  std::string text_;
};

constexpr const char* kPictureMethods = R"(
def run_u8(self, x: Tensor) -> Tensor:
    y = self.forward(torch.div(x.permute([0, 3, 1, 2]).to(6), 255.0))
    y = torch.floor(torch.add(torch.mul(y, 255.0), 0.5)).to(0)
    return y.permute([0, 2, 3, 1]).contiguous()

def run_rgba(self, x: Tensor) -> Tensor:
    y = self.run_u8(x[:, :, :3].unsqueeze(0))
    return torch.cat([y[0], x[:, :, 3:]], 2)
)";

constexpr const char* kGetState = R"(
def __getstate__(self) -> Tuple[List[Tensor], bool]:
    return (self.stored, self.training)
)";

/// A packed convolution of arbitrary shape: TorchScript infers an attribute's type from a value.
c10::IValue packed_example(const char* prepack, bool transposed) {
  const auto op = c10::Dispatcher::singleton().findSchemaOrThrow(prepack, "");
  torch::jit::Stack stack{torch::zeros({1, 1, 1, 1}), c10::IValue(), std::vector<std::int64_t>{1, 1},
                          std::vector<std::int64_t>{0, 0}};
  if (transposed) stack.emplace_back(std::vector<std::int64_t>{0, 0});
  stack.emplace_back(std::vector<std::int64_t>{1, 1});
  stack.emplace_back(std::int64_t{1});
  stack.emplace_back();
  stack.emplace_back();
  op.callBoxed(&stack);
  return stack.back();
}

/// Registers the attributes that __setstate__ fills.
void register_restored(torch::jit::Module& module, const Graph& graph, const TorchScriptForm& form) {
  const auto tensor = [&](const std::string& name) {
    module.register_attribute(name, c10::TensorType::get(), torch::zeros({0}));
  };
  const auto packed = [&](const std::string& name, const char* prepack, bool transposed) {
    const c10::IValue example = packed_example(prepack, transposed);
    module.register_attribute(name, example.type(), example);
  };
  for (const auto& entry : graph.tensors)
    if (!form.prepacked || entry.second.dim() != 4) tensor(entry.first);
  bool upsampled = false;
  for (const Step& step : graph.steps) {
    if (step.kind == Step::Kind::conv && is_in_rows(graph, form, step)) {
      if (form.prepacked)
        packed(step.weight + "_rows", "prepacked::conv2d_clamp_prepack", false);
      else
        tensor(step.weight + "_rows");
    } else if (step.kind == Step::Kind::conv) {
      if (form.prepacked) packed(step.weight + "_packed", "prepacked::conv2d_clamp_prepack", false);
      if (form.transposed && upsampled && form.prepacked)
        packed(step.weight + "_transposed", "prepacked::conv2d_transpose_clamp_prepack", true);
      else if (form.transposed && upsampled)
        tensor(step.weight + "_transposed");
    }
    upsampled = step.kind == Step::Kind::upsample;
  }
}

}  // namespace

TorchScriptForm form_of(Lowering lowering) {
  switch (lowering) {
    case Lowering::none:
      return {};
    case Lowering::cpu:
      return {.group_norm = true, .transposed = true, .tail_in_rows = true, .channels_last = true};
    case Lowering::xnnpack:
      return {.pad_by_cat = true,
              .group_norm = true,
              .transposed = true,
              .tail_in_rows = true,
              .channels_last = true,
              .prepacked = true};
  }
  return {};
}

torch::jit::Module to_torchscript(const Graph& graph, Precision precision, const TorchScriptForm& form) {
  torch::jit::Module module("__torch__.StyleNet");
  module.register_attribute("training", c10::BoolType::get(), false);
  const auto resolver = std::make_shared<OpsResolver>();
  const Graph wide = form.prepacked ? with_full_vectors(graph) : graph;
  CodeWriter writer(wide, form);
  const bool plain = precision == Precision::fp32 && !form.transposed && !form.tail_in_rows && !form.prepacked;
  if (plain) {
    for (const auto& [name, tensor] : graph.tensors) module.register_parameter(name, tensor, /*is_buffer=*/false);
    module.define(writer.forward() + kPictureMethods, resolver);
    return module;
  }
  const std::vector<StoredTensor> stored = store(graph, precision);
  c10::List<torch::Tensor> list;
  for (const StoredTensor& tensor : stored) {
    list.push_back(tensor.stored);
    if (tensor.scale.defined()) list.push_back(tensor.scale.view({-1, 1, 1, 1}));
  }
  module.register_attribute("stored", c10::ListType::ofTensors(), list);
  register_restored(module, wide, form);
  module.define(writer.forward() + kPictureMethods + kGetState + writer.set_state(stored), resolver);
  module.run_method("__setstate__", std::make_tuple(list, false));
  return module;
}

}  // namespace pocketstyle::exporting
