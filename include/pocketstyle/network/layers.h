// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/config/architecture.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace pocketstyle::network {

/// One convolution and the operations around it, in this order: nearest-neighbour doubling, if `doubles`, cropped to
/// the size of its level; reflection padding of padding(); the convolution; instance norm, unless it is the output
/// layer; ReLU, if `relu`; addition of the residual block's input, if `ends_block`.
struct Layer {
  std::string name = {};  ///< of the module: "conv1", "res1.conv2"
  std::string norm = {};  ///< of the instance norm's module: "in1", "res1.in2"; empty for the output layer
  std::int64_t in = 0, out = 0, kernel = 1, stride = 1;  ///< kernel: odd
  std::int64_t groups = 1;                               ///< 1, or depthwise: in == out == groups
  bool bias = false;                                     ///< of the convolution
  bool doubles = false;                                  ///< upsampling; only with a 3x3 kernel, stride 1 and one group
  bool relu = true;
  std::int64_t level = 0;  ///< 0: full resolution of the picture, 1: half, 2: a quarter; see side_at
  std::int64_t block = 0;  ///< number of its residual block, from 1; 0 outside of blocks
  bool begins_block = false, ends_block = false;

  [[nodiscard]] bool is_output() const { return norm.empty(); }
  [[nodiscard]] std::int64_t padding() const { return kernel / 2; }
  /// The level of the convolution's input, after doubling.
  [[nodiscard]] std::int64_t input_level() const { return stride == 2 ? level - 1 : level; }
  /// Number of elements of the weight, [out, in / groups, kernel, kernel].
  [[nodiscard]] std::int64_t kernel_parameters() const { return out * (in / groups) * kernel * kernel; }
  /// The names of the parameters in weights files.
  [[nodiscard]] std::string weight_name() const { return name + ".conv2d.weight"; }
  [[nodiscard]] std::string bias_name() const { return name + ".conv2d.bias"; }
};

/// Name of a residual block's module: "res1" for the first.
std::string block_name(std::int64_t number);

/// The network's layers in forward order: the head and the downsampling layers, from the 3 channels of the picture to
/// the trunk at the deepest level; all residual blocks; the upsampling layers and, last, the output layer. Names are
/// those of the well-known PyTorch example fast_neural_style; without layers at full size, conv2, in2, deconv2 and in5
/// are missing. Throws UsageError (architecture out of range).
std::vector<Layer> layers(const config::Architecture& architecture);

/// The height or width at `level` for a picture with this height or width: halves are rounded up.
std::int64_t side_at(std::int64_t side, std::int64_t level);

/// The smallest picture side that the layers support, in pixels: reflection padding needs more pixels than it mirrors,
/// and an instance norm needs more than one.
std::int64_t min_side(const std::vector<Layer>& layers);
std::int64_t min_side(const config::Architecture& architecture);

/// Index of the layer that produces the trunk: the input of the first block, or of the upsampling layers if there are
/// no blocks.
std::size_t trunk(const std::vector<Layer>& layers);

/// Channels that can only be kept or pruned together: for each layer, the index of the first layer whose output
/// channels are tied to its own. A block's last layer is tied to the block's input, a depthwise layer to its own input.
/// The input channels of layer i are the output channels of layer i - 1.
std::vector<std::size_t> tied_channels(const std::vector<Layer>& layers);

}  // namespace pocketstyle::network
