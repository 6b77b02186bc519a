// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/media/image.h"

#include <torch/torch.h>

namespace pocketstyle::media {

/// float32 [1, 3, H, W], RGB, 0..255, contiguous.
torch::Tensor to_tensor_nchw255(const Image& image);
/// From float [1, 3, H, W] or [3, H, W], RGB, 0..255: rounded half up, clamped. Throws c10::Error for other shapes.
Image from_tensor_nchw255(const torch::Tensor& tensor);

}  // namespace pocketstyle::media
