// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/export/export.h"
#include "pocketstyle/nn/style_net.h"

#include <torch/torch.h>

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace pocketstyle::exporting {

/// One step of the network as exported: its inputs and its output. Values are named after the layer that produces them.
struct Step {
  enum class Kind {
    conv,      ///< reflection padding of kernel/2, then the convolution with `weight`, and `bias` if it has one
    norm,      ///< instance norm with the affine parameters `weight` and `bias`
    relu,      ///<
    add,       ///< input + other
    upsample,  ///< nearest neighbour x2, cropped to the height and width of `other`
  };
  Kind kind{};
  std::string input{}, output{};
  std::string other{};           ///< see above
  std::string weight{}, bias{};  ///< names of tensors; empty if there is none
  std::int64_t padding = 0, stride = 1, groups = 1;
  std::int64_t level = 0;  ///< level of an upsampling's output, see network::side_at
};

/// The network's layers as single steps, from which every export format is written. Input "x": RGB 0..1 with
/// nn::kInputShift added. (The instance norm after the first convolution cancels the shift, but sums of squares are
/// more accurate with it.) The last step's output is RGB around 0..1, not yet clamped: its scale and shift are folded
/// into the last convolution.
struct Graph {
  std::vector<Step> steps;
  std::vector<std::pair<std::string, torch::Tensor>> tensors;  ///< float32, contiguous, copies
  double eps = 1e-5;                                           ///< of the instance norms
  [[nodiscard]] const torch::Tensor& tensor(const std::string& name) const;
};

inline constexpr const char* kGraphInput = "x";

Graph to_graph(const nn::StyleNet& net);

/// Upsampling x2, reflection padding of 1 and the 3x3 convolution `weight` [out, in, 3, 3] are equivalent to
/// replication padding of 1 and a transposed convolution of stride 2, padding 3, with this kernel [in, out, 4, 4],
/// wherever the upsampled size is even: 4 instead of 9 products per pixel and channel pair. The kernel's rows are w2,
/// w1 + w2, w0 + w1, w0; its columns likewise.
torch::Tensor transposed_kernel(const torch::Tensor& weight);

/// A tensor in stored form: `stored` is float32, float16, or int8 with one scale per output channel.
struct StoredTensor {
  std::string name;
  torch::Tensor stored;
  torch::Tensor scale;                          ///< float32 [O], undefined if not int8
  [[nodiscard]] torch::Tensor restore() const;  ///< float32, as every runtime computes with it
};

/// fp16: every tensor. int8: the weights of convolutions, symmetric, one scale per output channel; the few others are
/// float16.
std::vector<StoredTensor> store(const Graph& graph, Precision precision);

/// The network with these tensors of its graph, in float32. Throws std::invalid_argument naming one that is missing or
/// has the wrong shape.
nn::StyleNet net_of(const config::Architecture& architecture, const std::map<std::string, torch::Tensor>& restored);

/// `net` with every parameter as restored from the stored file: the reference for verifying files of that precision.
nn::StyleNet rounded_net(const nn::StyleNet& net, Precision precision);

}  // namespace pocketstyle::exporting
