// SPDX-License-Identifier: Apache-2.0
#include "export/tflite.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/version.h"

#include <algorithm>
#include <stdexcept>
#include <tuple>

namespace pocketstyle::exporting {
namespace {

using formats::PictureIo;
using Ints = std::vector<std::int64_t>;
using Options = std::map<std::string, std::int64_t>;

constexpr const char* kStoredEnding = "_stored";

/// Whether this weight is of a convolution whose channels each have a kernel of their own.
bool is_depthwise(const Graph& graph, const std::string& weight) {
  return std::any_of(graph.steps.begin(), graph.steps.end(),
                     [&](const Step& step) { return step.weight == weight && step.groups > 1; });
}

/// A convolution's bias, which is written as float32 in every precision: see read_once_more.
bool is_conv_bias(const Graph& graph, const std::string& name) {
  return std::any_of(graph.steps.begin(), graph.steps.end(),
                     [&](const Step& step) { return step.kind == Step::Kind::conv && step.bias == name; });
}

/// Numbers with this product. As few as possible, each 4 at most where the side's prime factors allow it.
Ints small_factors(std::int64_t side) {
  Ints factors;
  while (side > 1) {
    std::int64_t factor = side % 4 == 0 ? 4 : 2;
    while (side % factor != 0) ++factor;
    factors.push_back(factor);
    side /= factor;
  }
  return factors;
}

class Writer {
 public:
  Writer(TfliteModel& model, const Graph& graph, Precision precision, const TfliteForm& form)
      : model_(model), graph_(graph), precision_(precision), form_(form) {
    std::tie(height_, width_) = form.static_hw.value_or(std::pair(kTfliteSide, kTfliteSide));
  }

  void weights() {
    for (const StoredTensor& tensor : store(graph_, precision_)) {
      TfliteTensor constant{.name = tensor.name, .dtype = tensor.stored.scalar_type()};
      // [out, in, k, k] is [out, k, k, in] here, or [1, k, k, out] if depthwise.
      const bool depthwise = is_depthwise(graph_, tensor.name);
      constant.data = tensor.stored;
      if (tensor.stored.dim() == 4)
        constant.data = tensor.stored.permute(depthwise ? Ints{1, 2, 3, 0} : Ints{0, 2, 3, 1}).contiguous();
      constant.shape = constant.data.sizes().vec();
      constant.scale = tensor.scale;
      if (depthwise) constant.scale_dim = 3;
      if (precision_ == Precision::fp32 || is_conv_bias(graph_, tensor.name)) {
        constant.dtype = torch::kFloat32;
        constant.data = constant.data.to(torch::kFloat32);
        ids_[tensor.name] = add(std::move(constant));
        continue;
      }
      const Ints shape = constant.shape;
      constant.name += kStoredEnding;
      ids_[tensor.name] = op("DEQUANTIZE", {add(std::move(constant))}, tensor.name, shape);
      if (precision_ == Precision::fp16 && shape.size() == 4 && !form_.static_hw) read_once_more(tensor.name);
    }
  }

  /// From the model's input to "x".
  void picture_in() {
    TfliteTensor image{.name = "image", .dtype = torch::kUInt8, .shape = {1, height_, width_, 3}};
    image.any_size = !form_.static_hw;
    if (form_.io == PictureIo::float_nhwc01) image.dtype = torch::kFloat32;
    if (form_.io == PictureIo::rgba_hwc) image.shape[3] = 4;
    std::int64_t pixels = model_.input = add(image);
    if (form_.io == PictureIo::rgba_hwc) pixels = channels(pixels, "rgb", 0, 3);
    if (form_.io != PictureIo::float_nhwc01) {
      pixels = op("CAST", {pixels}, "pixels", shape(pixels), cast(torch::kUInt8, torch::kFloat32));
      pixels = op("MUL", {pixels, number(1.0 / 255)}, "unit", shape(pixels));
    }
    ids_[kGraphInput] = op("ADD", {pixels, number(nn::kInputShift)}, kGraphInput, shape(pixels));
  }

  void steps() {
    for (std::size_t i = 0; i < graph_.steps.size(); ++i) {
      const Step& step = graph_.steps[i];
      switch (step.kind) {
        case Step::Kind::conv:
          conv(step);
          break;
        case Step::Kind::norm: {
          const bool rectified = i + 1 < graph_.steps.size() && graph_.steps[i + 1].kind == Step::Kind::relu;
          norm(step, rectified);
          if (rectified) ids_[graph_.steps[++i].output] = ids_.at(step.output);
          break;
        }
        case Step::Kind::add:
          ids_[step.output] =
              op("ADD", {ids_.at(step.input), ids_.at(step.other)}, step.output, shape(ids_.at(step.input)));
          break;
        case Step::Kind::upsample:
          upsample(step);
          break;
        case Step::Kind::relu:
          throw std::logic_error("a ReLU that does not follow a norm");
      }
    }
  }

  /// From the last step's output to the model's output.
  void picture_out() {
    std::int64_t y = ids_.at(graph_.steps.back().output);
    const bool bytes = form_.io != PictureIo::float_nhwc01;
    if (bytes) {
      // Rounded as floor(y + 0.5), since runtimes differ in how they round halves.
      y = op("MUL", {y, number(255)}, "scaled", shape(y));
      y = op("ADD", {y, number(0.5)}, "half_up", shape(y));
    }
    y = op("MAXIMUM", {y, number(0)}, "not_below", shape(y));
    y = op("MINIMUM", {y, number(bytes ? 255.5 : 1)}, bytes ? "not_above" : "styled", shape(y));
    if (bytes) {
      y = op("FLOOR", {y}, "rounded", shape(y));
      const bool rgba = form_.io == PictureIo::rgba_hwc;
      y = op("CAST", {y}, rgba ? "styled_rgb" : "styled", shape(y), cast(torch::kFloat32, torch::kUInt8),
             torch::kUInt8);
      if (rgba) y = concatenated({y, channels(model_.input, "alpha", 3, 4)}, "styled");
    }
    model_.output = y;
    model_.tensors[static_cast<std::size_t>(y)].any_size = !form_.static_hw;
  }

 private:
  std::int64_t add(TfliteTensor tensor) {
    model_.tensors.push_back(std::move(tensor));
    return static_cast<std::int64_t>(model_.tensors.size()) - 1;
  }
  std::int64_t op(const char* kind, const Ints& inputs, const std::string& name, const Ints& shape,
                  const Options& options = {}, torch::ScalarType dtype = torch::kFloat32) {
    const std::int64_t output = add({.name = name, .dtype = dtype, .shape = shape});
    model_.operators.push_back({.op = kind, .inputs = inputs, .output = output, .options = options});
    return output;
  }
  [[nodiscard]] Ints shape(std::int64_t id) const { return model_.tensors[static_cast<std::size_t>(id)].shape; }
  [[nodiscard]] torch::ScalarType dtype(std::int64_t id) const {
    return model_.tensors[static_cast<std::size_t>(id)].dtype;
  }

  /// LiteRT's XNNPACK leaves a convolution to much slower code if its weights or bias come from a float16 DEQUANTIZE
  /// that only convolutions read (google-ai-edge/LiteRT issue 9663; docs/export.md). So something else reads them too.
  void read_once_more(const std::string& weight) {
    const Ints one{1, 1, 1, 1};
    op("STRIDED_SLICE", {ids_.at(weight), ints({0, 0, 0, 0}), ints(one), ints(one)}, weight + "_first", one);
  }

  std::int64_t constant(const std::string& name, const torch::Tensor& data) {
    const auto [found, is_new] = constants_.try_emplace(name, 0);
    if (is_new)
      found->second = add({.name = name, .dtype = data.scalar_type(), .shape = data.sizes().vec(), .data = data});
    return found->second;
  }
  std::int64_t ints(const Ints& values) {
    return constant(fmt::format("ints_{}", fmt::join(values, "_")), torch::tensor(values, torch::kInt32));
  }
  std::int64_t number(double value) {
    return constant(fmt::format("number_{:.4g}", value), torch::tensor({value}, torch::kFloat32));
  }

  static Options cast(torch::ScalarType from, torch::ScalarType to) {
    const auto number = [](torch::ScalarType dtype) { return dtype == torch::kUInt8 ? 3 : 0; };
    return {{"from", number(from)}, {"to", number(to)}};
  }
  std::int64_t channels(std::int64_t from, const std::string& to, std::int64_t begin, std::int64_t end) {
    constexpr std::int64_t kOthersWhole = 7;  // the other three dimensions
    Ints shape = this->shape(from);
    shape[3] = end - begin;
    return op("STRIDED_SLICE", {from, ints({0, 0, 0, begin}), ints({0, 0, 0, end}), ints({1, 1, 1, 1})}, to, shape,
              {{"begin_mask", kOthersWhole}, {"end_mask", kOthersWhole}}, dtype(from));
  }
  /// Along the channels.
  std::int64_t concatenated(const Ints& parts, const std::string& to) {
    Ints shape = this->shape(parts[0]);
    shape[3] = 0;
    for (const std::int64_t part : parts) shape[3] += this->shape(part)[3];
    return op("CONCATENATION", parts, to, shape, {{"axis", 3}}, dtype(parts[0]));
  }

  void conv(const Step& step) {
    std::int64_t x = ids_.at(step.input);
    const std::int64_t p = step.padding;
    if (p > 0) {
      Ints padded = shape(x);
      padded[1] += 2 * p;
      padded[2] += 2 * p;
      const auto pads =
          constant(fmt::format("pads_{}", p), torch::tensor({0L, 0L, p, p, p, p, 0L, 0L}, torch::kInt32).view({4, 2}));
      x = op("MIRROR_PAD", {x, pads}, step.output + "_pad", padded);
    }
    const torch::Tensor& weight = graph_.tensor(step.weight);
    const std::int64_t out = weight.size(0), k = weight.size(2);
    if (step.groups > 1 && weight.size(1) != 1) throw std::logic_error("a grouped convolution that is not depthwise");
    const std::int64_t bias =
        step.bias.empty() ? constant(fmt::format("zeros_{}", out), torch::zeros({out})) : ids_.at(step.bias);
    Options options{{"padding", kPaddingValid}, {"stride_w", step.stride}, {"stride_h", step.stride}};
    if (step.groups > 1) options["multiplier"] = 1;
    const auto side = [&](std::int64_t padded) { return (padded - k) / step.stride + 1; };
    ids_[step.output] = op(step.groups > 1 ? "DEPTHWISE_CONV_2D" : "CONV_2D", {x, ids_.at(step.weight), bias},
                           step.output, {1, side(shape(x)[1]), side(shape(x)[2]), out}, options);
  }

  void norm(const Step& step, bool rectified) {
    const std::string& name = step.output;
    const std::int64_t x = ids_.at(step.input);
    const std::int64_t mean = this->mean(x, name + "_mean");
    const std::int64_t centred = op("SUB", {x, mean}, name + "_centred", shape(x));
    const std::int64_t squared = op("MUL", {centred, centred}, name + "_squared", shape(x));
    const std::int64_t variance = this->mean(squared, name + "_variance");
    const Ints one = shape(variance);
    const std::int64_t above_zero = op("ADD", {variance, number(graph_.eps)}, name + "_above_zero", one);
    const std::int64_t inverse = op("RSQRT", {above_zero}, name + "_inverse", one);
    const std::int64_t factor = op("MUL", {inverse, ids_.at(step.weight)}, name + "_factor", one);
    const std::int64_t scaled = op("MUL", {centred, factor}, name + "_scaled", shape(x));
    ids_[name] = op("ADD", {scaled, ids_.at(step.bias)}, name, shape(x),
                    rectified ? Options{{"activation", kActivationRelu}} : Options{});
  }

  /// Over height and width.
  std::int64_t mean(std::int64_t x, const std::string& name) {
    Ints shape = this->shape(x);
    if (!form_.static_hw) return op("MEAN", {x, ints({1, 2})}, name, {1, 1, 1, shape[3]}, {{"keep_dims", 1}});
    const Ints down = small_factors(shape[1]), right = small_factors(shape[2]);
    for (std::size_t i = 0; i < std::max(down.size(), right.size()); ++i) {
      const std::int64_t h = i < down.size() ? down[i] : 1, w = i < right.size() ? right[i] : 1;
      shape[1] /= h;
      shape[2] /= w;
      x = op("AVERAGE_POOL_2D", {x}, fmt::format("{}_{}", name, i + 1), shape,
             {{"padding", kPaddingValid}, {"stride_w", w}, {"stride_h", h}, {"filter_w", w}, {"filter_h", h}});
    }
    return x;
  }

  void upsample(const Step& step) {
    const std::int64_t x = ids_.at(step.input);
    Ints doubled = shape(x);
    doubled[1] *= 2;
    doubled[2] *= 2;
    if (!form_.static_hw) {
      const std::int64_t four = concatenated({x, x, x, x}, step.output + "_four");
      ids_[step.output] = op("DEPTH_TO_SPACE", {four}, step.output, doubled, {{"block_size", 2}});
      return;
    }
    Ints wanted = shape(ids_.at(step.other));
    wanted[3] = doubled[3];
    const std::int64_t y = op("RESIZE_NEAREST_NEIGHBOR", {x, ints({doubled[1], doubled[2]})},
                              wanted == doubled ? step.output : step.output + "_doubled", doubled);
    ids_[step.output] =
        wanted == doubled
            ? y
            : op("STRIDED_SLICE", {y, ints({0, 0, 0, 0}), ints(wanted), ints({1, 1, 1, 1})}, step.output, wanted);
  }

  TfliteModel& model_;
  const Graph& graph_;
  Precision precision_;
  const TfliteForm& form_;
  std::int64_t height_ = 0, width_ = 0;
  std::map<std::string, std::int64_t> ids_;        // of the graph's values and tensors
  std::map<std::string, std::int64_t> constants_;  // that the graph does not have
};

}  // namespace

TfliteModel to_tflite(const Graph& graph, Precision precision, const TfliteForm& form) {
  TfliteModel model;
  model.description = fmt::format("pocketstyle {}", version());
  Writer writer(model, graph, precision, form);
  writer.weights();
  writer.picture_in();
  writer.steps();
  writer.picture_out();
  return model;
}

std::map<std::string, torch::Tensor> restored_tensors(const TfliteModel& model, const Graph& like) {
  std::map<std::string, torch::Tensor> restored;
  for (const auto& [name, tensor] : like.tensors)
    for (const TfliteTensor& stored : model.tensors) {
      if (!stored.data.defined() || (stored.name != name && stored.name != name + kStoredEnding)) continue;
      const torch::Tensor values = stored.restore();
      if (tensor.dim() != 4 || values.dim() != 4)
        restored[name] = values;
      else
        restored[name] = is_depthwise(like, name) ? values.permute({3, 0, 1, 2}) : values.permute({0, 3, 1, 2});
    }
  return restored;
}

}  // namespace pocketstyle::exporting
