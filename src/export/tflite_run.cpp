// SPDX-License-Identifier: Apache-2.0
#include "export/tflite_model.h"

#include "pocketstyle/core/error.h"

#include <algorithm>
#include <functional>
#include <stdexcept>

namespace pocketstyle::exporting {
namespace {

using Ints = std::vector<std::int64_t>;

void require(bool condition, const char* what) {
  if (!condition) throw std::invalid_argument(what);
}

/// One operator's inputs and options; throws std::invalid_argument for missing ones.
class Call {
 public:
  Call(const TfliteOperator& op, std::vector<torch::Tensor> inputs) : op_(op), inputs_(std::move(inputs)) {}

  [[nodiscard]] const torch::Tensor& input(std::size_t i) const {
    if (i >= inputs_.size()) throw std::invalid_argument(fmt::format("input {} is missing", i));
    return inputs_[i];
  }
  [[nodiscard]] const std::vector<torch::Tensor>& all() const { return inputs_; }
  /// `otherwise`: the schema's default.
  [[nodiscard]] std::int64_t option(const std::string& name, std::int64_t otherwise = 0) const {
    const auto found = op_.options.find(name);
    return found == op_.options.end() ? otherwise : found->second;
  }
  [[nodiscard]] Ints ints(std::size_t i) const {
    const torch::Tensor t = input(i).to(torch::kInt64).contiguous();
    return {t.data_ptr<std::int64_t>(), t.data_ptr<std::int64_t>() + t.numel()};
  }
  /// An input [1, H, W, C] as a view [1, C, H, W].
  [[nodiscard]] torch::Tensor picture(std::size_t i) const {
    require(input(i).dim() == 4, "expected four dimensions");
    return input(i).permute({0, 3, 1, 2});
  }
  [[nodiscard]] torch::Tensor activated(const torch::Tensor& y) const {
    const std::int64_t activation = option("activation");
    require(activation == 0 || activation == kActivationRelu, "only RELU can be fused");
    return activation == kActivationRelu ? torch::relu(y) : y;
  }

 private:
  const TfliteOperator& op_;
  std::vector<torch::Tensor> inputs_;
};

torch::Tensor from_nchw(const torch::Tensor& y) {
  return y.permute({0, 2, 3, 1});
}

/// weight: [out, in, k, k].
torch::Tensor convolved(const Call& call, const torch::Tensor& weight, std::int64_t groups) {
  require(call.option("padding") == kPaddingValid, "only VALID padding is supported");
  require(call.option("dilation_w", 1) == 1 && call.option("dilation_h", 1) == 1, "dilation is not supported");
  const torch::Tensor bias = call.all().size() > 2 ? call.input(2) : torch::Tensor();
  const Ints strides{call.option("stride_h"), call.option("stride_w")}, pads{0, 0}, dilations{1, 1};
  const torch::Tensor y = torch::conv2d(call.picture(0), weight, bias, strides, pads, dilations, groups);
  return call.activated(from_nchw(y));
}

torch::Tensor conv(const Call& call) {
  return convolved(call, call.picture(1), 1);
}

torch::Tensor depthwise(const Call& call) {
  const torch::Tensor& weight = call.input(1);
  require(weight.dim() == 4 && weight.size(0) == 1 && weight.size(3) == call.input(0).size(3),
          "only one output per channel is supported");
  return convolved(call, weight.permute({3, 0, 1, 2}), weight.size(3));
}

torch::Tensor average_pool(const Call& call) {
  require(call.option("padding") == kPaddingValid, "only VALID padding is supported");
  return call.activated(from_nchw(torch::avg_pool2d(call.picture(0), {call.option("filter_h"), call.option("filter_w")},
                                                    {call.option("stride_h"), call.option("stride_w")})));
}

torch::Tensor mirror_pad(const Call& call) {
  constexpr std::int64_t kMost = 64;
  const Ints pads = call.ints(1);
  require(call.option("mode") == kMirrorReflect, "only REFLECT is supported");
  require(pads.size() == 8 && pads[0] == 0 && pads[1] == 0 && pads[6] == 0 && pads[7] == 0,
          "only height and width can be padded");
  require(std::all_of(pads.begin(), pads.end(), [](std::int64_t pad) { return pad >= 0 && pad <= kMost; }),
          "impossible padding");
  return from_nchw(torch::reflection_pad2d(call.picture(0), {pads[4], pads[5], pads[2], pads[3]}));
}

torch::Tensor resize_nearest(const Call& call) {
  const Ints size = call.ints(1);
  require(call.option("align_corners") == 0 && call.option("half_pixel_centers") == 0,
          "only the plain coordinates are supported");
  const torch::Tensor x = call.picture(0);
  require(size == Ints{2 * x.size(2), 2 * x.size(3)}, "only doubling is supported");
  return from_nchw(torch::repeat_interleave(torch::repeat_interleave(x, 2, 2), 2, 3));
}

torch::Tensor depth_to_space(const Call& call) {
  const torch::Tensor& x = call.input(0);
  const std::int64_t block = call.option("block_size");
  require(x.dim() == 4 && block > 0 && x.size(3) % (block * block) == 0, "its channels cannot be divided");
  const std::int64_t n = x.size(0), h = x.size(1), w = x.size(2), c = x.size(3) / (block * block);
  return x.reshape({n, h, w, block, block, c}).permute({0, 1, 3, 2, 4, 5}).reshape({n, h * block, w * block, c});
}

torch::Tensor strided_slice(const Call& call) {
  torch::Tensor y = call.input(0);
  const Ints begin = call.ints(1), end = call.ints(2), strides = call.ints(3);
  const auto dims = static_cast<std::size_t>(y.dim());
  require(begin.size() == dims && end.size() == dims && strides == Ints(dims, 1),
          "expected begin, end and a stride of 1 for every dimension");
  require(call.option("ellipsis_mask") == 0 && call.option("new_axis_mask") == 0 &&
              call.option("shrink_axis_mask") == 0 && call.option("offset") == 0,
          "only masks of begin and end are supported");
  const auto masked = [&](const char* mask, std::size_t dim) { return (call.option(mask) >> dim & 1) != 0; };
  for (std::size_t i = 0; i < dims; ++i) {
    const auto dim = static_cast<std::int64_t>(i);
    y = y.slice(dim, masked("begin_mask", i) ? 0 : begin[i], masked("end_mask", i) ? y.size(dim) : end[i]);
  }
  return y;
}

using Operator = std::function<torch::Tensor(const Call&)>;

/// CAST and DEQUANTIZE are in run(), which knows the tensors.
const std::map<std::string, Operator>& operators() {
  static const std::map<std::string, Operator> all = {
      {"ADD", [](const Call& c) { return c.activated(c.input(0) + c.input(1)); }},
      {"SUB", [](const Call& c) { return c.activated(c.input(0) - c.input(1)); }},
      {"MUL", [](const Call& c) { return c.activated(c.input(0) * c.input(1)); }},
      {"MAXIMUM", [](const Call& c) { return torch::maximum(c.input(0), c.input(1)); }},
      {"MINIMUM", [](const Call& c) { return torch::minimum(c.input(0), c.input(1)); }},
      {"RSQRT", [](const Call& c) { return torch::rsqrt(c.input(0)); }},
      {"FLOOR", [](const Call& c) { return torch::floor(c.input(0)); }},
      {"MEAN", [](const Call& c) { return c.input(0).mean(c.ints(1), c.option("keep_dims") != 0); }},
      {"CONCATENATION", [](const Call& c) { return c.activated(torch::cat(c.all(), c.option("axis"))); }},
      {"CONV_2D", conv},
      {"DEPTHWISE_CONV_2D", depthwise},
      {"AVERAGE_POOL_2D", average_pool},
      {"MIRROR_PAD", mirror_pad},
      {"RESIZE_NEAREST_NEIGHBOR", resize_nearest},
      {"DEPTH_TO_SPACE", depth_to_space},
      {"STRIDED_SLICE", strided_slice},
  };
  return all;
}

/// Runs a model once.
class Run {
 public:
  explicit Run(const TfliteModel& model) : model_(model), values_(model.tensors.size()), last_use_(values_.size()) {
    for (std::size_t i = 0; i < model.operators.size(); ++i)
      for (const std::int64_t index : model.operators[i].inputs) last_use_[static_cast<std::size_t>(index)] = i;
    last_use_[static_cast<std::size_t>(model.output)] = model.operators.size();
  }

  torch::Tensor operator()(const torch::Tensor& input) {
    const TfliteTensor& declared = model_.tensors[static_cast<std::size_t>(model_.input)];
    as_declared_ = input.sizes() == declared.shape;
    values_[static_cast<std::size_t>(model_.input)] = input;
    for (at_ = 0; at_ < model_.operators.size(); ++at_) step(model_.operators[at_]);
    const torch::Tensor& result = values_[static_cast<std::size_t>(model_.output)];
    if (!result.defined()) throw std::invalid_argument("no operator computes its output");
    return result;
  }

 private:
  void step(const TfliteOperator& op) {
    const TfliteTensor& output = model_.tensors[static_cast<std::size_t>(op.output)];
    try {
      torch::Tensor y = compute(op, output);
      if (y.scalar_type() != output.dtype || (as_declared_ && y.sizes() != output.shape))
        throw std::invalid_argument(fmt::format("expected {} [{}], found {} [{}]", c10::toString(output.dtype),
                                                fmt::join(output.shape, ", "), c10::toString(y.scalar_type()),
                                                fmt::join(y.sizes(), ", ")));
      values_[static_cast<std::size_t>(op.output)] = std::move(y);
    } catch (const std::exception& error) {  // including c10::Error
      throw std::invalid_argument(fmt::format("{} '{}': {}", op.op, output.name, first_line(error.what())));
    }
    for (const std::int64_t index : op.inputs)
      if (last_use_[static_cast<std::size_t>(index)] == at_) values_[static_cast<std::size_t>(index)].reset();
  }

  torch::Tensor compute(const TfliteOperator& op, const TfliteTensor& output) {
    if (op.op == "DEQUANTIZE") {
      require(!op.inputs.empty(), "input 0 is missing");
      const TfliteTensor& stored = model_.tensors[static_cast<std::size_t>(op.inputs[0])];
      require(stored.data.defined(), "only constants can be dequantised");
      return stored.restore();
    }
    std::vector<torch::Tensor> inputs;
    for (const std::int64_t index : op.inputs) inputs.push_back(value(index));
    const Call call(op, std::move(inputs));
    if (op.op == "CAST") return call.input(0).to(output.dtype);
    const auto found = operators().find(op.op);
    require(found != operators().end(), "the operator is not supported");
    return found->second(call);
  }

  [[nodiscard]] const torch::Tensor& value(std::int64_t index) const {
    const TfliteTensor& tensor = model_.tensors[static_cast<std::size_t>(index)];
    const torch::Tensor& computed = values_[static_cast<std::size_t>(index)];
    if (tensor.data.defined()) return tensor.data;
    if (!computed.defined())
      throw std::invalid_argument(fmt::format("reads '{}', which no earlier operator computes", tensor.name));
    return computed;
  }

  const TfliteModel& model_;
  std::vector<torch::Tensor> values_;  // freed after their last use, which limits memory use
  std::vector<std::size_t> last_use_;
  std::size_t at_ = 0;
  bool as_declared_ = false;  // the picture has the size that the file names
};

}  // namespace

torch::Tensor run_tflite(const TfliteModel& model, const torch::Tensor& input, const std::string& where) {
  const torch::NoGradGuard no_grad;
  try {
    return Run(model)(input).contiguous();
  } catch (const std::invalid_argument& error) {
    throw DataError("{}: {}", where, error.what());
  }
}

}  // namespace pocketstyle::exporting
