// SPDX-License-Identifier: Apache-2.0
#pragma once
// Just enough of ONNX's protobuf to write a chain of convolutions: https://onnx.ai/onnx/repo-docs/IR.html

#include <torch/torch.h>

#include <string>
#include <utility>
#include <vector>

namespace pocketstyle::testing {

inline std::string varint(std::uint64_t value) {
  std::string out;
  for (; value >= 128; value >>= 7U) out += static_cast<char>((value & 127U) | 128U);
  return out + static_cast<char>(value);
}
inline std::string field(int number, std::uint64_t value) {
  return varint(static_cast<std::uint64_t>(number) << 3U) + varint(value);
}
inline std::string field(int number, const std::string& bytes) {
  return varint((static_cast<std::uint64_t>(number) << 3U) | 2U) + varint(bytes.size()) + bytes;
}

inline std::string onnx_tensor(const std::string& name, const torch::Tensor& tensor) {
  const torch::Tensor t = tensor.contiguous();
  std::string out;
  for (const auto size : t.sizes()) out += field(1, static_cast<std::uint64_t>(size));
  out += field(2, 1) + field(8, name);  // data type 1: float
  return out + field(9, std::string(static_cast<const char*>(t.data_ptr()), t.nbytes()));
}

inline std::string onnx_value(const std::string& name, const std::vector<std::int64_t>& shape) {
  std::string dimensions;
  for (const auto size : shape) dimensions += field(1, field(1, static_cast<std::uint64_t>(size)));
  return field(1, name) + field(2, field(1, field(1, 1) + field(2, dimensions)));
}

/// 3x3 convolutions with padding 1, a ReLU after each. `convs`: weight and bias.
inline std::string onnx_model(const std::vector<std::pair<torch::Tensor, torch::Tensor>>& convs) {
  std::string nodes, tensors, last = "x";
  const auto ints = [](const std::string& name, int count, int value) {
    std::string attribute = field(1, name) + field(20, 7);  // attribute type 7: integers
    for (int i = 0; i < count; ++i) attribute += field(8, static_cast<std::uint64_t>(value));
    return field(5, attribute);
  };
  for (std::size_t i = 0; i < convs.size(); ++i) {
    const std::string n = std::to_string(i);
    tensors += field(5, onnx_tensor("w" + n, convs[i].first)) + field(5, onnx_tensor("b" + n, convs[i].second));
    nodes +=
        field(1, field(1, last) + field(1, "w" + n) + field(1, "b" + n) + field(2, "c" + n) + field(3, "conv" + n) +
                     field(4, "Conv") + ints("kernel_shape", 2, 3) + ints("pads", 4, 1) + ints("strides", 2, 1));
    nodes += field(1, field(1, "c" + n) + field(2, "r" + n) + field(3, "relu" + n) + field(4, "Relu"));
    last = "r" + n;
  }
  const std::int64_t in = convs.front().first.size(1), out = convs.back().first.size(0);
  const std::string graph = nodes + field(2, "g") + tensors + field(11, onnx_value("x", {1, in, 8, 8})) +
                            field(12, onnx_value(last, {1, out, 8, 8}));
  return field(1, 7) + field(7, graph) + field(8, field(1, "") + field(2, 11));  // IR version 7, opset 11
}

}  // namespace pocketstyle::testing
