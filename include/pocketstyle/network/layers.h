// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/config/architecture.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace pocketstyle::network {

/// One convolution and what goes with it, in this order: nearest-neighbour doubling, if `doubles`, cut to the size of
/// its level; reflection padding of padding(); the convolution; instance norm, unless it is the output layer; ReLU, if
/// `relu`; the sum with the input of its residual block, if `ends_block`.
struct Layer {
  std::string name = {};  ///< of its module: "conv1", "res1.conv2"
  std::string norm = {};  ///< of its instance norm's module: "in1", "res1.in2"; empty for the output layer
  std::int64_t in = 0, out = 0, kernel = 1, stride = 1;  ///< kernel: odd
  std::int64_t groups = 1;                               ///< 1, or depthwise: in == out == groups
  bool bias = false;                                     ///< of the convolution
  bool doubles = false;                                  ///< only with a 3x3 kernel, stride 1 and one group
  bool relu = true;
  std::int64_t level = 0;  ///< 0: the result is as large as the picture, 1: half as large, 2: a quarter; see side_at
  std::int64_t block = 0;  ///< number of its residual block, from 1; 0 outside the blocks
  bool begins_block = false, ends_block = false;

  [[nodiscard]] bool is_output() const { return norm.empty(); }
  [[nodiscard]] std::int64_t padding() const { return kernel / 2; }
  /// The level of what it convolves, after doubling.
  [[nodiscard]] std::int64_t input_level() const { return stride == 2 ? level - 1 : level; }
  /// Numbers in its weight, [out, in / groups, kernel, kernel].
  [[nodiscard]] std::int64_t kernel_parameters() const { return out * (in / groups) * kernel * kernel; }
  /// The names of its parameters in weights files.
  [[nodiscard]] std::string weight_name() const { return name + ".conv2d.weight"; }
  [[nodiscard]] std::string bias_name() const { return name + ".conv2d.bias"; }
};

/// Name of a residual block's module, "res1" for the first.
std::string block_name(std::int64_t number);

/// The network in forward order. The picture, 3 channels, goes down to the trunk at the deepest level; all residual
/// blocks stand there; the way up leads to the output layer, which is the last. Names are those of the well-known
/// PyTorch example fast_neural_style. Throws UsageError (architecture out of range).
std::vector<Layer> layers(const config::Architecture& architecture);

/// The height or width at `level` of a picture with this height or width: halves are rounded up.
std::int64_t side_at(std::int64_t side, std::int64_t level);

/// The smallest picture side that the layers take, in pixels: reflection padding needs more pixels than it mirrors, and
/// an instance norm more than one.
std::int64_t min_side(const std::vector<Layer>& layers);
std::int64_t min_side(const config::Architecture& architecture);

/// Index of the layer that makes the trunk: what the first block reads, and the way up if there is none.
std::size_t trunk(const std::vector<Layer>& layers);

/// Channels that can only be taken or left together: for each layer, the index of the first layer whose output channels
/// are tied to its own. A block's last layer is tied to what the block reads, a depthwise layer to its input. The input
/// channels of layer i are the output channels of layer i - 1.
std::vector<std::size_t> tied_channels(const std::vector<Layer>& layers);

}  // namespace pocketstyle::network
