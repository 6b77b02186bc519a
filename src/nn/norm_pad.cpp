// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/nn/norm_pad.h"

#include "nn/kernels.h"
#include "nn/tensor_data.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
#include <cstring>

namespace pocketstyle::nn {
namespace {

using kernels::Channels;

constexpr std::int64_t kRowsAtOnce = 8;  // a piece of work is this many rows of one picture

/// The shapes of one call: a picture is H rows of `row` numbers; padded, it is padded_rows() of padded_row().
struct Shape {
  std::int64_t n, c, h, w, padding;
  PadMode mode;
  std::int64_t margin;  ///< of the residual

  [[nodiscard]] std::int64_t row() const { return w * c; }
  [[nodiscard]] std::int64_t padded_row() const { return (w + 2 * padding) * c; }
  [[nodiscard]] std::int64_t padded_rows() const { return h + 2 * padding; }
  /// Where row r of picture n begins in the residual, skipping its margin.
  [[nodiscard]] std::int64_t residual_row(std::int64_t picture, std::int64_t r) const {
    return ((picture * (h + 2 * margin) + r + margin) * (w + 2 * margin) + margin) * c;
  }
  [[nodiscard]] std::int64_t pieces() const { return (h + kRowsAtOnce - 1) / kRowsAtOnce; }

  /// Index of the pixel on a side of `size` that the padded position `at` repeats.
  [[nodiscard]] std::int64_t source(std::int64_t at, std::int64_t size) const {
    const std::int64_t i = at - padding;
    if (mode == PadMode::replicate) return std::clamp<std::int64_t>(i, 0, size - 1);
    return i < 0 ? -i : i >= size ? 2 * (size - 1) - i : i;
  }
  /// Calls body(padded row) for every padded row that repeats row `r`, starting with r itself.
  template <class Body>
  void each_copy_of_row(std::int64_t r, const Body& body) const {
    body(r + padding);
    for (std::int64_t i = 0; i < padding; ++i) {
      if (source(i, h) == r) body(i);
      if (source(h + padding + i, h) == r) body(h + padding + i);
    }
  }
  /// Calls body(padded column, column that it repeats) for the columns outside the picture.
  template <class Body>
  void each_outer_column(const Body& body) const {
    for (std::int64_t i = 0; i < padding; ++i) {
      body(i, source(i, w));
      body(w + padding + i, source(w + padding + i, w));
    }
  }
};

/// Calls body(picture, first row, end row, index of the piece), in parallel.
template <class Body>
void each_piece(const Shape& shape, const Body& body) {
  at::parallel_for(0, shape.n * shape.pieces(), 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const std::int64_t first = i % shape.pieces() * kRowsAtOnce;
      body(i / shape.pieces(), first, std::min(first + kRowsAtOnce, shape.h), i);
    }
  });
}

/// Fills the columns outside the picture of one padded row, and copies it to the other rows that repeat row `r`.
template <class T>
void pad_row(const Shape& shape, T* padded_picture, std::int64_t r) {
  T* const row = padded_picture + (r + shape.padding) * shape.padded_row();
  shape.each_outer_column([&](std::int64_t to, std::int64_t from) {
    std::memcpy(row + to * shape.c, row + (from + shape.padding) * shape.c,
                static_cast<std::size_t>(shape.c) * sizeof(T));
  });
  shape.each_copy_of_row(r, [&](std::int64_t copy) {
    if (copy != r + shape.padding)
      std::memcpy(padded_picture + copy * shape.padded_row(), row,
                  static_cast<std::size_t>(shape.padded_row()) * sizeof(T));
  });
}

/// Two kinds of sums, one pair for each channel of each piece, added in the order of the pieces.
class PieceSums {
 public:
  explicit PieceSums(const Shape& shape)
      : shape_(shape), sums_(static_cast<std::size_t>(2 * shape.n * shape.pieces() * shape.c)) {}
  void add(std::int64_t piece, std::int64_t channel, double first, double second) {
    double* const at = sums_.data() + 2 * (piece * shape_.c + channel);
    at[0] += first, at[1] += second;
  }
  [[nodiscard]] std::pair<double, double> of(std::int64_t picture, std::int64_t channel) const {
    double first = 0, second = 0;
    for (std::int64_t i = 0; i < shape_.pieces(); ++i) {
      const double* const at = sums_.data() + 2 * ((picture * shape_.pieces() + i) * shape_.c + channel);
      first += at[0], second += at[1];
    }
    return {first, second};
  }

 private:
  Shape shape_;
  std::vector<double> sums_;
};

/// mean and 1 / standard deviation, each double [N, C].
template <class T>
std::pair<torch::Tensor, torch::Tensor> statistics(const torch::Tensor& x, const Shape& shape, double eps) {
  PieceSums sums(shape);
  each_piece(shape, [&](std::int64_t n, std::int64_t first, std::int64_t end, std::int64_t piece) {
    const T* const picture = data<T>(x) + n * shape.h * shape.row();
    Channels pivot(shape.c), sum(shape.c),
        squares(shape.c);  // relative to a pixel, so that sums of squares keep their precision
    for (std::int64_t c = 0; c < shape.c; ++c) pivot.set(c, kernels::to_float(picture[c]));
    for (std::int64_t r = first; r < end; ++r) {
      sum.clear(), squares.clear();
      kernels::add_moments(picture + r * shape.row(), shape.row(), pivot.data(), sum.data(), squares.data(),
                           sum.size());
      for (std::int64_t c = 0; c < shape.c; ++c) sums.add(piece, c, sum.sum(c), squares.sum(c));
    }
  });
  torch::Tensor mean = torch::empty({shape.n, shape.c}, torch::kFloat64), rstd = torch::empty_like(mean);
  const auto pixels = static_cast<double>(shape.h * shape.w);
  for (std::int64_t n = 0; n < shape.n; ++n)
    for (std::int64_t c = 0; c < shape.c; ++c) {
      const auto [sum, squares] = sums.of(n, c);
      const double shift = sum / pixels;
      data<double>(mean)[n * shape.c + c] = shift + kernels::to_float(data<T>(x)[n * shape.h * shape.row() + c]);
      data<double>(rstd)[n * shape.c + c] = 1 / std::sqrt(std::max(squares / pixels - shift * shift, 0.0) + eps);
    }
  return {mean, rstd};
}

/// The norm of one picture as x * scale + shift, and the values that its gradient needs.
struct Affine {
  Affine(const torch::Tensor& mean, const torch::Tensor& rstd, const torch::Tensor& weight, const torch::Tensor& bias,
         std::int64_t picture, std::int64_t channels)
      : scale(channels), shift(channels), rstds(channels), offset(channels) {
    for (std::int64_t c = 0; c < channels; ++c) {
      const double m = data<double>(mean)[picture * channels + c], r = data<double>(rstd)[picture * channels + c];
      const double gamma = data<float>(weight)[c];
      scale.set(c, static_cast<float>(gamma * r));
      shift.set(c, static_cast<float>(data<float>(bias)[c] - gamma * r * m));
      rstds.set(c, static_cast<float>(r));
      offset.set(c, static_cast<float>(-r * m));
    }
  }
  [[nodiscard]] kernels::NormRow row() const { return {scale.data(), shift.data(), rstds.data(), offset.data()}; }
  Channels scale, shift, rstds, offset;
};

template <class T>
torch::Tensor forward(const torch::Tensor& x, const torch::Tensor& residual, const torch::Tensor& weight,
                      const torch::Tensor& bias, const torch::Tensor& mean, const torch::Tensor& rstd,
                      const Shape& shape, bool relu) {
  torch::Tensor y =
      empty_channels_last({shape.n, shape.c, shape.padded_rows(), shape.w + 2 * shape.padding}, x.options());
  each_piece(shape, [&](std::int64_t n, std::int64_t first, std::int64_t end, std::int64_t) {
    const Affine affine(mean, rstd, weight, bias, n, shape.c);
    T* const padded = data<T>(y) + n * shape.padded_rows() * shape.padded_row();
    for (std::int64_t r = first; r < end; ++r) {
      const std::int64_t at = (n * shape.h + r) * shape.row();
      kernels::scale_shift(data<T>(x) + at, residual.defined() ? data<T>(residual) + shape.residual_row(n, r) : nullptr,
                           padded + (r + shape.padding) * shape.padded_row() + shape.padding * shape.c, shape.row(),
                           affine.scale.data(), affine.shift.data(), relu, affine.scale.size());
      pad_row(shape, padded, r);
    }
  });
  return y;
}

/// Adds the gradients of all padded pixels that repeat row r to `row`.
template <class T>
void fold_row(const Shape& shape, const T* padded_gradient, std::int64_t r, float* row) {
  bool first = true;
  shape.each_copy_of_row(r, [&](std::int64_t copy) {
    const T* const from = padded_gradient + copy * shape.padded_row();
    kernels::add_row(from + shape.padding * shape.c, row, shape.row(), std::exchange(first, false));
    shape.each_outer_column([&](std::int64_t outer, std::int64_t inner) {
      kernels::add_row(from + outer * shape.c, row + inner * shape.c, shape.c, false);
    });
  });
}

struct Gradients {
  torch::Tensor x, residual, weight, bias;
};

template <class T>
Gradients backward(const torch::Tensor& gradient, const torch::Tensor& x, const torch::Tensor& weight,
                   const torch::Tensor& bias, const torch::Tensor& mean, const torch::Tensor& rstd, const Shape& shape,
                   bool relu, bool with_residual) {
  Gradients result{torch::empty_like(x), {}, torch::empty_like(weight), torch::empty_like(bias)};
  PieceSums sums(shape);
  each_piece(shape, [&](std::int64_t n, std::int64_t first, std::int64_t end, std::int64_t piece) {
    const Affine affine(mean, rstd, weight, bias, n, shape.c);
    Channels sum(shape.c), products(shape.c);
    std::vector<float> row(static_cast<std::size_t>(shape.row()));
    for (std::int64_t r = first; r < end; ++r) {
      const std::int64_t at = (n * shape.h + r) * shape.row();
      fold_row(shape, data<T>(gradient) + n * shape.padded_rows() * shape.padded_row(), r, row.data());
      sum.clear(), products.clear();
      kernels::mask_and_sum(row.data(), data<T>(x) + at, data<T>(result.x) + at, shape.row(), affine.row(), relu,
                            sum.data(), products.data(), sum.size());
      for (std::int64_t c = 0; c < shape.c; ++c) sums.add(piece, c, sum.sum(c), products.sum(c));
    }
  });
  if (with_residual) result.residual = torch::constant_pad_nd(result.x, std::vector<std::int64_t>(4, shape.margin));

  // dx = gamma rstd (g - mean(g) - xhat mean(g xhat)), as g * a + x * b + c.
  std::vector<double> weight_sum(static_cast<std::size_t>(shape.c)), bias_sum(weight_sum);
  std::vector<Channels> a, b, c;
  const auto pixels = static_cast<double>(shape.h * shape.w);
  for (std::int64_t n = 0; n < shape.n; ++n) {
    a.emplace_back(shape.c), b.emplace_back(shape.c), c.emplace_back(shape.c);
    for (std::int64_t i = 0; i < shape.c; ++i) {
      const auto [sum, products] = sums.of(n, i);
      bias_sum[static_cast<std::size_t>(i)] += sum;
      weight_sum[static_cast<std::size_t>(i)] += products;
      const double m = data<double>(mean)[n * shape.c + i], s = data<double>(rstd)[n * shape.c + i];
      const double scale = data<float>(weight)[i] * s, slope = scale * s * products / pixels;
      a.back().set(i, static_cast<float>(scale));
      b.back().set(i, static_cast<float>(-slope));
      c.back().set(i, static_cast<float>(slope * m - scale * sum / pixels));
    }
  }
  for (std::int64_t i = 0; i < shape.c; ++i) {
    data<float>(result.weight)[i] = static_cast<float>(weight_sum[static_cast<std::size_t>(i)]);
    data<float>(result.bias)[i] = static_cast<float>(bias_sum[static_cast<std::size_t>(i)]);
  }
  each_piece(shape, [&](std::int64_t n, std::int64_t first, std::int64_t end, std::int64_t) {
    const auto picture = static_cast<std::size_t>(n);
    for (std::int64_t r = first; r < end; ++r) {
      const std::int64_t at = (n * shape.h + r) * shape.row();
      kernels::combine(data<T>(result.x) + at, data<T>(x) + at, shape.row(), a[picture].data(), b[picture].data(),
                       c[picture].data(), a[picture].size());
    }
  });
  return result;
}

Shape shape_of(const torch::Tensor& x, std::int64_t padding, std::int64_t mode, std::int64_t margin) {
  return {x.size(0), x.size(1), x.size(2), x.size(3), padding, static_cast<PadMode>(mode), margin};
}

class NormPadFunction : public torch::autograd::Function<NormPadFunction> {
 public:
  static torch::Tensor forward(torch::autograd::AutogradContext* context, const torch::Tensor& input,
                               const torch::Tensor& weight, const torch::Tensor& bias,
                               const c10::optional<torch::Tensor>& residual, bool relu, std::int64_t padding,
                               std::int64_t mode, double eps, std::int64_t margin) {
    const torch::Tensor x = channels_last(input);
    const Shape shape = shape_of(x, padding, mode, margin);
    const auto [mean, rstd] =
        with_type(x.scalar_type(), [&](auto type) { return statistics<decltype(type)>(x, shape, eps); });
    context->save_for_backward({x, weight, bias, mean, rstd});
    context->saved_data["relu"] = relu;
    context->saved_data["padding"] = padding;
    context->saved_data["mode"] = mode;
    context->saved_data["margin"] = margin;
    context->saved_data["residual"] = residual.has_value();
    const torch::Tensor added = residual ? channels_last(*residual) : torch::Tensor();
    return with_type(x.scalar_type(), [&, &mean = mean, &rstd = rstd](auto type) {
      return nn::forward<decltype(type)>(x, added, weight, bias, mean, rstd, shape, relu);
    });
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const torch::Tensor &x = saved[0], gradient = channels_last(gradients[0]);
    const Shape shape = shape_of(x, context->saved_data["padding"].toInt(), context->saved_data["mode"].toInt(),
                                 context->saved_data["margin"].toInt());
    const Gradients result = with_type(x.scalar_type(), [&](auto type) {
      return nn::backward<decltype(type)>(gradient, x, saved[1], saved[2], saved[3], saved[4], shape,
                                          context->saved_data["relu"].toBool(),
                                          context->saved_data["residual"].toBool());
    });
    return {result.x, result.weight, result.bias, result.residual, {}, {}, {}, {}, {}};
  }
};

}  // namespace

torch::Tensor norm_pad_plain(const torch::Tensor& x, const torch::Tensor& weight, const torch::Tensor& bias,
                             const torch::Tensor& residual, const NormPad& options) {
  torch::Tensor y = torch::instance_norm(x, weight, bias, {}, {}, /*use_input_stats=*/true, 0.1, options.eps, false);
  if (options.relu) y = torch::relu(y);
  if (residual.defined()) y = y + residual.narrow(2, options.margin, x.size(2)).narrow(3, options.margin, x.size(3));
  if (options.padding == 0) return y;
  const std::vector<std::int64_t> sides(4, options.padding);
  return options.mode == PadMode::reflect ? torch::reflection_pad2d(y, sides) : torch::replication_pad2d(y, sides);
}

torch::Tensor norm_pad(const torch::Tensor& x, const torch::Tensor& weight, const torch::Tensor& bias,
                       const torch::Tensor& residual, const NormPad& options) {
  TORCH_CHECK(x.dim() == 4, "norm_pad: expected [N, C, H, W], found ", x.sizes());
  TORCH_CHECK(weight.sizes() == torch::IntArrayRef({x.size(1)}) && bias.sizes() == weight.sizes(),
              "norm_pad: expected ", x.size(1), " weights and biases, found ", weight.sizes(), " and ", bias.sizes());
  const std::int64_t around = 2 * options.margin;
  TORCH_CHECK(
      !residual.defined() ||
          (residual.sizes() == torch::IntArrayRef({x.size(0), x.size(1), x.size(2) + around, x.size(3) + around}) &&
           !options.relu),
      "norm_pad: expected a residual of ", x.sizes(), " with a margin of ", options.margin, " and no ReLU");
  TORCH_CHECK(options.mode == PadMode::replicate || std::min(x.size(2), x.size(3)) > options.padding,
              "norm_pad: a reflection of ", options.padding, " needs larger pictures than ", x.sizes());
  if (!kernels_take(x) || weight.scalar_type() != torch::kFloat32)
    return norm_pad_plain(x, weight, bias, residual, options);
  const auto added = residual.defined() ? c10::optional<torch::Tensor>(residual) : c10::nullopt;
  return NormPadFunction::apply(x, weight, bias, added, options.relu, options.padding,
                                static_cast<std::int64_t>(options.mode), options.eps, options.margin);
}

}  // namespace pocketstyle::nn
