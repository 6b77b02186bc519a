// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "export/graph.h"

#include <torch/script.h>

namespace pocketstyle::exporting {

/// Which operators are used for the steps in TorchScript. All variants compute the same, up to rounding.
struct TorchScriptForm {
  bool pad_by_cat = false;     ///< padding by concatenated slices: reflection_pad2d does not keep channels-last
  bool group_norm = false;     ///< instance norm as group norm with one channel per group, which keeps channels-last
  bool transposed = false;     ///< upsampling and 3x3 convolution as a transposed 4x4 one, for even sizes
  bool tail_in_rows = false;   ///< the last convolution as a 1 x k one with k * 3 channels, summed by row
  bool channels_last = false;  ///< convert the picture to NHWC memory first
  bool prepacked = false;      ///< convolutions by XNNPACK, with weights packed when the file is loaded, and channels
                               ///< that are zero added then where a layer would use a vector in part only
};
TorchScriptForm form_of(Lowering lowering);

/// The network as a TorchScript module, built without tracing, so that every size works. Methods:
/// - forward: float [N, 3, H, W], RGB 0..1, to the same, clamped and contiguous;
/// - run_u8: uint8 [N, H, W, 3], RGB;
/// - run_rgba: uint8 [H, W, 4], alpha copied.
/// H and W: at least network::min_side. The plain form in float32 has only plain operators and parameters; all others
/// keep the stored tensors in one list, which is restored when the file is loaded (`__setstate__`).
torch::jit::Module to_torchscript(const Graph& graph, Precision precision, const TorchScriptForm& form);

}  // namespace pocketstyle::exporting
