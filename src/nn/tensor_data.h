// SPDX-License-Identifier: Apache-2.0
#pragma once
// Conversions between LibTorch's tensors and the kernels' pointers.

#include "nn/kernels.h"

#include <torch/torch.h>

namespace pocketstyle::nn {

/// Whether the kernels support x; otherwise LibTorch's own operators are used.
inline bool kernels_take(const torch::Tensor& x) {
  return x.device().is_cpu() && (x.scalar_type() == torch::kFloat32 || x.scalar_type() == torch::kBFloat16);
}

template <class T>
T* data(const torch::Tensor& x) {
  return static_cast<T*>(x.data_ptr());
}

/// Calls f(T{}) with the kernels' type for tensors of `type`.
template <class F>
auto with_type(torch::ScalarType type, const F& f) {
  return type == torch::kFloat32 ? f(float{}) : f(kernels::BFloat16{});
}

inline torch::Tensor channels_last(const torch::Tensor& x) {
  return x.contiguous(torch::MemoryFormat::ChannelsLast);
}
inline torch::Tensor empty_channels_last(torch::IntArrayRef sizes, const torch::TensorOptions& options) {
  return torch::empty(sizes, options.memory_format(torch::MemoryFormat::ChannelsLast));
}

}  // namespace pocketstyle::nn
