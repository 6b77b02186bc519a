// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/nn/style_net.h"

#include <torch/script.h>

namespace pocketstyle::exporting {

/// The network as a TorchScript module, built without tracing, so that every size works. One method, forward: float
/// [N, 3, H, W], RGB 0..1, H and W of family.min_side() or more; the result has the same size, is clamped to 0..1 and
/// contiguous. Only plain operators: conv2d, instance_norm, reflection_pad2d, upsample_nearest2d, relu, add, clamp.
/// The parameters are copies.
torch::jit::Module to_torchscript(const nn::StyleNet& net);

}  // namespace pocketstyle::exporting
