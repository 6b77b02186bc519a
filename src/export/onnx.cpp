// SPDX-License-Identifier: Apache-2.0
#include "export/onnx.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/version.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <stdexcept>

namespace pocketstyle::exporting {
namespace {

using Ints = std::vector<std::int64_t>;
constexpr std::int64_t kUint8 = 2, kFloat = 1;  // TensorProto.DataType

class Writer {
 public:
  Writer(OnnxModel& model, const Graph& graph, Precision precision, const OnnxForm& form)
      : model_(model), graph_(graph), precision_(precision), form_(form) {
    for (const Step& step : graph.steps)
      if (step.kind == Step::Kind::upsample) levels_.insert(step.other);
  }

  void weights() {
    for (const StoredTensor& tensor : store(graph_, precision_)) {
      if (precision_ == Precision::fp32) {
        model_.initializers.emplace_back(tensor.name, tensor.stored);
        continue;
      }
      const std::string stored = tensor.name + "_stored";
      model_.initializers.emplace_back(stored, tensor.stored);
      if (tensor.scale.defined()) {
        model_.initializers.emplace_back(tensor.name + "_scale", tensor.scale);
        model_.initializers.emplace_back(tensor.name + "_zero", torch::zeros_like(tensor.scale, torch::kInt8));
        node("DequantizeLinear", {stored, tensor.name + "_scale", tensor.name + "_zero"}, tensor.name,
             {{"axis", std::int64_t{0}}});
      } else {
        node("Cast", {stored}, tensor.name, {{"to", kFloat}});
      }
    }
  }

  void steps() {
    remember_size(kGraphInput);
    const Step* upsampled = nullptr;  // waits for the convolution that it may be fused with
    for (const Step& step : graph_.steps) {
      switch (step.kind) {
        case Step::Kind::conv:
          if (upsampled != nullptr)
            upsampled_conv(*upsampled, step);
          else
            conv(step);
          upsampled = nullptr;
          break;
        case Step::Kind::norm:
          node("InstanceNormalization", {step.input, step.weight, step.bias}, step.output,
               {{"epsilon", static_cast<float>(graph_.eps)}});
          break;
        case Step::Kind::relu:
          node("Relu", {step.input}, step.output);
          break;
        case Step::Kind::add:
          node("Add", {step.input, step.other}, step.output);
          break;
        case Step::Kind::upsample:
          upsampled = &step;
          break;
      }
      remember_size(step.output);
    }
  }

  /// From the graph's input to "x".
  void picture_in() {
    const std::string shift = number(nn::kInputShift);
    std::string pixels = "image";
    if (form_.io == PictureIo::float_nchw01) {
      node("Add", {pixels, shift}, kGraphInput);
      return;
    }
    const bool rgba = form_.io == PictureIo::rgba_hwc;
    if (rgba) pixels = slice(pixels, "rgb", 2, 0, 3);
    pixels = node("Cast", {pixels}, "pixels", {{"to", kFloat}});
    pixels = node("Transpose", {pixels}, "planes", {{"perm", rgba ? Ints{2, 0, 1} : Ints{0, 3, 1, 2}}});
    if (rgba) pixels = node("Unsqueeze", {pixels, ints({0})}, "batch");
    node("Add", {node("Mul", {pixels, number(1.0 / 255)}, "unit"), shift}, kGraphInput);
  }

  /// From the last step's output to the graph's output.
  void picture_out() {
    const std::string last = graph_.steps.back().output;
    if (form_.io == PictureIo::float_nchw01) {
      // 1 - relu(1 - relu(y)) is a clamp to 0..1 that OpenCV 4.6 can read; it rejects Clip with inputs.
      std::string y = node("Relu", {last}, "above_0");
      y = node("Relu", {node("Sub", {number(1), y}, "below")}, "below_1");
      node("Sub", {number(1), y}, "styled");
      return;
    }
    const bool rgba = form_.io == PictureIo::rgba_hwc;
    // Rounded as floor(y + 0.5), since runtimes differ in how they round halves.
    std::string y = node("Mul", {last, number(255)}, "scaled");
    y = node("Clip", {node("Add", {y, number(0.5)}, "half_up"), number(0), number(255.5)}, "clipped");
    y = node("Cast", {node("Floor", {y}, "rounded")}, "bytes", {{"to", kUint8}});
    if (!rgba) {
      node("Transpose", {y}, "styled", {{"perm", Ints{0, 2, 3, 1}}});
      return;
    }
    y = node("Transpose", {node("Squeeze", {y, ints({0})}, "one")}, "styled_rgb", {{"perm", Ints{1, 2, 0}}});
    node("Concat", {y, slice("image", "alpha", 2, 3, 4)}, "styled", {{"axis", std::int64_t{2}}});
  }

  void describe_values() {
    std::variant<std::int64_t, std::string> h = "height", w = "width";
    if (form_.static_hw) std::tie(h, w) = *form_.static_hw;
    OnnxValue value{.name = "image", .dtype = torch::kUInt8, .shape = {}};
    switch (form_.io) {
      case PictureIo::float_nchw01:
        value.dtype = torch::kFloat32;
        value.shape = {std::int64_t{1}, std::int64_t{3}, h, w};
        break;
      case PictureIo::u8_nhwc:
        value.shape = {std::int64_t{1}, h, w, std::int64_t{3}};
        break;
      case PictureIo::rgba_hwc:
        value.shape = {h, w, std::int64_t{4}};
        break;
      case PictureIo::float_nhwc01:
        throw std::logic_error("no ONNX file has this input");
    }
    model_.inputs = {value};
    value.name = "styled";
    model_.outputs = {value};
  }

 private:
  std::string node(const std::string& op, std::vector<std::string> inputs, const std::string& output,
                   std::map<std::string, OnnxAttribute> attributes = {}) {
    model_.nodes.push_back({op, std::move(inputs), output, std::move(attributes)});
    return output;
  }

  std::string constant(const std::string& name, const torch::Tensor& tensor) {
    if (constants_.insert(name).second) model_.initializers.emplace_back(name, tensor);
    return name;
  }
  std::string ints(const Ints& values) {
    return constant(fmt::format("ints_{}", fmt::join(values, "_")), torch::tensor(values, torch::kInt64));
  }
  std::string number(double value) {
    return constant(fmt::format("number_{:.4g}", value), torch::tensor(value, torch::kFloat32));
  }

  std::string slice(const std::string& from, const std::string& to, std::int64_t axis, std::int64_t start,
                    std::int64_t end) {
    return node("Slice", {from, ints({start}), ints({end}), ints({axis})}, to);
  }

  void remember_size(const std::string& name) {
    if (!levels_.contains(name) || form_.static_hw) return;
    node("Slice", {node("Shape", {name}, name + "_shape"), ints({2}), ints({4}), ints({0})}, name + "_hw");
  }

  std::string padded(const std::string& from, std::int64_t width) {
    if (width == 0) return from;
    if (!form_.pad_by_slices)
      return node("Pad", {from, ints({0, 0, width, width, 0, 0, width, width})}, from + "_pad",
                  {{"mode", std::string("reflect")}});
    std::string y = from;
    for (const std::int64_t axis : {std::int64_t{2}, std::int64_t{3}}) {
      std::vector<std::string> parts;
      const auto part = [&](std::int64_t start, std::int64_t end) {
        parts.push_back(slice(y, fmt::format("{}_{}_{}", from, axis, parts.size()), axis, start, end));
      };
      for (std::int64_t i = width; i > 0; --i) part(i, i + 1);
      parts.push_back(y);
      for (std::int64_t i = 1; i <= width; ++i) part(-1 - i, -i);
      y = node("Concat", parts, fmt::format("{}_pad{}", from, axis), {{"axis", axis}});
    }
    return y;
  }

  /// Quantises `from` to 256 levels of the range of `measured`, as the value `to`.
  std::string through_bytes(const std::string& from, const std::string& measured, const std::string& to) {
    const auto [low, high] = form_.ranges.at(measured);
    const double least = std::min(low, 0.0), step = std::max((std::max(high, 0.0) - least) / 255, 1e-12);
    const std::string scale = constant(measured + "_step", torch::tensor(step, torch::kFloat32));
    const std::string zero =
        constant(measured + "_zero_level", torch::tensor(std::round(-least / step), torch::kFloat32).to(torch::kUInt8));
    return node("DequantizeLinear", {node("QuantizeLinear", {from, scale, zero}, to + "_bytes"), scale, zero}, to);
  }

  void conv(const Step& step) {
    const std::int64_t k = 2 * step.padding + 1;
    const bool in_bytes = precision_ == Precision::int8_static && &step != &graph_.steps.back();
    std::string from = padded(step.input, step.padding);
    if (in_bytes) from = through_bytes(from, step.input, from + "_levels");
    std::vector<std::string> inputs{from, step.weight};
    if (!step.bias.empty()) inputs.push_back(step.bias);
    std::map<std::string, OnnxAttribute> attributes{
        {"kernel_shape", Ints{k, k}}, {"strides", Ints{step.stride, step.stride}}, {"pads", Ints{0, 0, 0, 0}}};
    if (step.groups > 1) attributes["group"] = step.groups;
    node("Conv", inputs, in_bytes ? step.output + "_exact" : step.output, std::move(attributes));
    if (in_bytes) through_bytes(step.output + "_exact", step.output, step.output);
  }

  /// The height and width that the upsampling `step` is cropped to, if they are fixed.
  [[nodiscard]] std::optional<std::pair<std::int64_t, std::int64_t>> target(const Step& step) const {
    if (!form_.static_hw) return {};
    return std::pair(network::side_at(form_.static_hw->first, step.level),
                     network::side_at(form_.static_hw->second, step.level));
  }

  /// In transposed form where the size is known to be even, see transposed_kernel. Not where the file should be small:
  /// the kernel has 16 numbers instead of 9.
  void upsampled_conv(const Step& upsampling, const Step& step) {
    const auto size = target(upsampling);
    if (precision_ != Precision::fp32 || !size || size->first % 2 != 0 || size->second % 2 != 0) {
      upsample(upsampling);
      conv(step);
      return;
    }
    const std::string padded = node("Pad", {upsampling.input, ints({0, 0, 1, 1, 0, 0, 1, 1})}, step.output + "_pad",
                                    {{"mode", std::string("edge")}});
    const std::string kernel = constant(step.weight + "_transposed", transposed_kernel(graph_.tensor(step.weight)));
    std::vector<std::string> inputs{padded, kernel};
    if (!step.bias.empty()) inputs.push_back(step.bias);
    node("ConvTranspose", inputs, step.output,
         {{"kernel_shape", Ints{4, 4}}, {"strides", Ints{2, 2}}, {"pads", Ints{3, 3, 3, 3}}});
  }

  void upsample(const Step& step) {
    const std::string scales = constant("scales", torch::tensor({1.0F, 1.0F, 2.0F, 2.0F}));
    const std::string doubled = step.output + "_doubled";
    // The empty input is the region of interest, which only other modes use.
    node("Resize", {step.input, "", scales}, doubled,
         {{"mode", std::string("nearest")},
          {"coordinate_transformation_mode", std::string("asymmetric")},
          {"nearest_mode", std::string("floor")}});
    const auto size = target(step);
    const std::string ends = size ? ints({size->first, size->second}) : step.other + "_hw";
    node("Slice", {doubled, ints({0, 0}), ends, ints({2, 3})}, step.output);
  }

  OnnxModel& model_;
  const Graph& graph_;
  Precision precision_;
  const OnnxForm& form_;
  std::set<std::string> levels_, constants_;
};

/// A weight that became part of a transposed kernel is not used itself.
void remove_unused(OnnxModel& model) {
  std::set<std::string> used;
  for (const OnnxNode& node : model.nodes) used.insert(node.inputs.begin(), node.inputs.end());
  std::erase_if(model.initializers, [&](const auto& entry) { return !used.contains(entry.first); });
}

}  // namespace

Ranges calibrate(const Graph& graph, const std::vector<torch::Tensor>& photos_nchw01) {
  const OnnxModel model = to_onnx(graph, Precision::fp32, {});
  Ranges ranges;
  const auto widen = [&](const std::string& name, const torch::Tensor& value) {
    if (value.scalar_type() != torch::kFloat32 || value.numel() == 0) return;
    const double low = value.min().item<double>(), high = value.max().item<double>();
    const auto [range, is_new] = ranges.try_emplace(name, low, high);
    if (is_new) return;
    range->second = {std::min(range->second.first, low), std::max(range->second.second, high)};
  };
  for (const torch::Tensor& photo : photos_nchw01) run_onnx(model, photo, "calibration", widen);
  return ranges;
}

OnnxModel to_onnx(const Graph& graph, Precision precision, const OnnxForm& form) {
  OnnxModel model;
  model.producer = "pocketstyle";
  model.producer_version = version();
  Writer writer(model, graph, precision, form);
  writer.describe_values();
  writer.weights();
  writer.picture_in();
  writer.steps();
  writer.picture_out();
  remove_unused(model);
  return model;
}

}  // namespace pocketstyle::exporting
