// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/nn/rewritten_conv.h"

#include "nn/tensor_data.h"

#include "pocketstyle/nn/winograd.h"

#include <ATen/Parallel.h>

#include <cstring>

namespace pocketstyle::nn {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// Calls body(picture, row), in parallel.
template <class Body>
void each_row(std::int64_t pictures, std::int64_t rows, const Body& body) {
  at::parallel_for(0, pictures * rows, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) body(i / rows, i % rows);
  });
}

/// y[n, o, h, w] = sum over i of z[n, i * O + o, h + i, w], float32. z [N, k * O, H + k - 1, W].
class SumShiftedRows : public torch::autograd::Function<SumShiftedRows> {
 public:
  static torch::Tensor forward(AutogradContext* context, const torch::Tensor& input, std::int64_t k) {
    const torch::Tensor z = channels_last(input);
    const std::int64_t n = z.size(0), c = z.size(1), rows = z.size(2), w = z.size(3), o = c / k, h = rows - k + 1;
    context->saved_data["z"] = z.sizes().vec();
    context->saved_data["type"] = static_cast<std::int64_t>(z.scalar_type());
    torch::Tensor y = empty_channels_last({n, o, h, w}, z.options().dtype(torch::kFloat32));
    with_type(z.scalar_type(), [&](auto type) {
      each_row(n, h, [&](std::int64_t picture, std::int64_t row) {
        float* const to = data<float>(y) + (picture * h + row) * w * o;
        std::memset(to, 0, static_cast<std::size_t>(w * o) * sizeof(float));
        for (std::int64_t i = 0; i < k; ++i) {
          const auto* from = data<decltype(type)>(z) + (picture * rows + row + i) * w * c + i * o;
          for (std::int64_t x = 0; x < w; ++x)
            for (std::int64_t j = 0; j < o; ++j) to[x * o + j] += kernels::to_float(from[x * c + j]);
        }
      });
      return 0;
    });
    return y;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const auto sizes = context->saved_data["z"].toIntVector();
    const auto type = static_cast<torch::ScalarType>(context->saved_data["type"].toInt());
    const torch::Tensor gradient = channels_last(gradients[0]);
    const std::int64_t c = sizes[1], rows = sizes[2], w = sizes[3], o = gradient.size(1), h = gradient.size(2);
    const torch::Tensor dz = empty_channels_last(sizes, gradient.options().dtype(type));
    with_type(type, [&](auto kind) {
      each_row(sizes[0], rows, [&](std::int64_t picture, std::int64_t row) {
        auto* const to = data<decltype(kind)>(dz) + (picture * rows + row) * w * c;
        for (std::int64_t i = 0; i < c / o; ++i) {
          const bool inside = row - i >= 0 && row - i < h;
          const float* const from = inside ? data<float>(gradient) + (picture * h + row - i) * w * o : nullptr;
          for (std::int64_t x = 0; x < w; ++x)
            for (std::int64_t j = 0; j < o; ++j) kernels::store(to[x * c + i * o + j], inside ? from[x * o + j] : 0.0F);
        }
      });
      return 0;
    });
    return {dz, {}};
  }
};

/// Both directions by Winograd's method. The weights change each step, so nothing of them is kept.
class WinogradConv3x3 : public torch::autograd::Function<WinogradConv3x3> {
 public:
  static torch::Tensor forward(AutogradContext* context, const torch::Tensor& x, const torch::Tensor& weight) {
    context->save_for_backward({x, weight});
    return WinogradConv(weight).forward(x, {}, /*relu=*/false, WinogradBorder::none);
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const variable_list saved = context->get_saved_variables();
    const torch::Tensor &x = saved[0], &weight = saved[1], gradient = channels_last(gradients[0]);
    const torch::Tensor weight_gradient = std::get<1>(at::convolution_backward(
        gradient, x, weight, c10::nullopt, /*stride=*/{1, 1}, /*padding=*/{0, 0},
        /*dilation=*/{1, 1}, /*transposed=*/false, {0, 0}, /*groups=*/1, {false, true, false}));
    return {WinogradConv(weight).input_gradient(gradient, {}, x.sizes(), WinogradBorder::none), weight_gradient};
  }
};

/// Copies between z [N, 4 O, H + 1, W + 1] and y [N, O, 2 H, 2 W], y[2i + a, 2j + b] = z[phase 2a + b, i + a, j + b].
/// Calls copy(bytes of z, bytes of y) once for each pixel's O numbers.
template <class Copy>
void each_phase_pixel(const torch::Tensor& z, const torch::Tensor& y, const Copy& copy) {
  const std::int64_t pixel = y.size(1) * y.element_size(), height = y.size(2), width = y.size(3);
  const std::int64_t z_row = z.size(3) * 4 * pixel;
  each_row(y.size(0), height, [&](std::int64_t picture, std::int64_t row) {
    const std::int64_t a = row % 2, i = row / 2;
    char* const of_z = data<char>(z) + (picture * z.size(2) + i + a) * z_row;
    char* const of_y = data<char>(y) + (picture * height + row) * width * pixel;
    for (std::int64_t column = 0; column < width; ++column) {
      const std::int64_t b = column % 2, j = column / 2;
      copy(of_z + ((j + b) * 4 + 2 * a + b) * pixel, of_y + column * pixel, static_cast<std::size_t>(pixel));
    }
  });
}

class PhasesToPixels : public torch::autograd::Function<PhasesToPixels> {
 public:
  static torch::Tensor forward(AutogradContext* context, const torch::Tensor& input) {
    const torch::Tensor z = channels_last(input);
    context->saved_data["z"] = z.sizes().vec();
    torch::Tensor y =
        empty_channels_last({z.size(0), z.size(1) / 4, 2 * (z.size(2) - 1), 2 * (z.size(3) - 1)}, z.options());
    each_phase_pixel(z, y, [](const char* from, char* to, std::size_t bytes) { std::memcpy(to, from, bytes); });
    return y;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const torch::Tensor gradient = channels_last(gradients[0]);
    const torch::Tensor dz = empty_channels_last(context->saved_data["z"].toIntVector(), gradient.options());
    dz.zero_();
    each_phase_pixel(dz, gradient, [](char* to, const char* from, std::size_t bytes) { std::memcpy(to, from, bytes); });
    return {dz};
  }
};

/// The rows of a 3x3 kernel that each tap of an output phase sums: [phase][tap of two][row of three].
torch::Tensor phase_matrix(const torch::Tensor& like) {
  return torch::tensor({1, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 1}, like.options().requires_grad(false)).view({2, 2, 3});
}

}  // namespace

torch::Tensor conv_to_few(const torch::Tensor& x, const torch::Tensor& weight) {
  if (!kernels_take(x)) return torch::conv2d(x, weight.to(x.scalar_type()));
  const std::int64_t o = weight.size(0), c = weight.size(1), k = weight.size(2);
  const torch::Tensor rows = weight.permute({2, 0, 1, 3}).reshape({k * o, c, 1, k});
  return SumShiftedRows::apply(torch::conv2d(x, channels_last(rows.to(x.scalar_type()))), k);
}

torch::Tensor conv_3x3(const torch::Tensor& x, const torch::Tensor& weight) {
  if (!WinogradConv(weight).takes(x, WinogradBorder::none)) return torch::conv2d(x, weight);
  return WinogradConv3x3::apply(x, weight);
}

torch::Tensor conv_of_doubled(const torch::Tensor& x, const torch::Tensor& weight) {
  const std::int64_t o = weight.size(0), c = weight.size(1);
  const torch::Tensor matrix = phase_matrix(weight);
  const torch::Tensor phases =
      torch::einsum("atk,bsl,oikl->aboits", {matrix, matrix, weight}).reshape({4 * o, c, 2, 2});
  const torch::Tensor z = torch::conv2d(x, channels_last(phases.to(x.scalar_type())));
  if (kernels_take(x)) return PhasesToPixels::apply(z);
  const auto height = z.size(2) - 1, width = z.size(3) - 1;
  std::vector<torch::Tensor> shifted;
  for (std::int64_t a = 0; a < 2; ++a)
    for (std::int64_t b = 0; b < 2; ++b)
      shifted.push_back(z.narrow(1, (2 * a + b) * o, o).narrow(2, a, height).narrow(3, b, width));
  return torch::pixel_shuffle(torch::stack(shifted, 2).flatten(1, 2), 2);
}

}  // namespace pocketstyle::nn
