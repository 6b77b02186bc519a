// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/media/tensor.h"

#include <cstring>

namespace pocketstyle::media {

torch::Tensor to_tensor_nchw255(const Image& image) {
  const torch::Tensor bytes = torch::empty({image.height, image.width, 3}, torch::kUInt8);
  std::memcpy(bytes.data_ptr(), image.rgb_hwc.data(), image.rgb_hwc.size());
  return bytes.permute({2, 0, 1}).unsqueeze(0).to(torch::kFloat32).contiguous();
}

Image from_tensor_nchw255(const torch::Tensor& tensor) {
  const torch::Tensor chw = tensor.dim() == 4 && tensor.size(0) == 1 ? tensor.squeeze(0) : tensor;
  TORCH_CHECK(chw.dim() == 3 && chw.size(0) == 3, "expected [1, 3, H, W] or [3, H, W], found ", tensor.sizes());
  const torch::Tensor bytes =
      (chw.detach().clamp(0, 255) + 0.5).floor().to(torch::kUInt8).permute({1, 2, 0}).to(torch::kCPU).contiguous();
  Image image(chw.size(2), chw.size(1));
  std::memcpy(image.rgb_hwc.data(), bytes.data_ptr(), image.rgb_hwc.size());
  return image;
}

}  // namespace pocketstyle::media
