// SPDX-License-Identifier: Apache-2.0
#include "nn/max_pool.h"

#include "nn/tensor_data.h"

#include <ATen/Parallel.h>

namespace pocketstyle::nn {
namespace {

/// Calls body(first index of row 2r of x, first index of row r of the pooled) for every pooled row, in parallel.
template <class Body>
void each_pooled_row(const torch::Tensor& x, const torch::Tensor& pooled, const Body& body) {
  const std::int64_t rows = pooled.size(2), x_row = x.size(3) * x.size(1), row = pooled.size(3) * pooled.size(1);
  at::parallel_for(0, pooled.size(0) * rows, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) body((i / rows * x.size(2) + i % rows * 2) * x_row, i * row);
  });
}

}  // namespace

torch::Tensor max_pool(const torch::Tensor& x) {
  torch::Tensor pooled = empty_channels_last({x.size(0), x.size(1), x.size(2) / 2, x.size(3) / 2}, x.options());
  const std::int64_t x_row = x.size(3) * x.size(1);
  with_type(x.scalar_type(), [&](auto type) {
    using T = decltype(type);
    each_pooled_row(x, pooled, [&](std::int64_t from, std::int64_t to) {
      kernels::max_pool_row(data<T>(x) + from, data<T>(x) + from + x_row, data<T>(pooled) + to, pooled.size(3),
                            x.size(1));
    });
    return 0;
  });
  return pooled;
}

torch::Tensor max_pool_backward(const torch::Tensor& x, const torch::Tensor& pooled, const torch::Tensor& gradient) {
  const bool all_covered = x.size(2) % 2 == 0 && x.size(3) % 2 == 0;
  torch::Tensor result = empty_channels_last(x.sizes(), x.options());
  if (!all_covered) result.zero_();
  const std::int64_t x_row = x.size(3) * x.size(1);
  with_type(x.scalar_type(), [&](auto type) {
    using T = decltype(type);
    each_pooled_row(x, pooled, [&](std::int64_t upper, std::int64_t at) {
      const std::int64_t lower = upper + x_row;
      kernels::max_pool_row_backward(data<T>(x) + upper, data<T>(x) + lower, data<T>(pooled) + at,
                                     data<T>(gradient) + at, data<T>(result) + upper, data<T>(result) + lower,
                                     pooled.size(3), x.size(1));
    });
    return 0;
  });
  return result;
}

}  // namespace pocketstyle::nn
