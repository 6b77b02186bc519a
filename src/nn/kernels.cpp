// SPDX-License-Identifier: Apache-2.0
#include "nn/kernels.h"

#include <algorithm>
#include <limits>

// One copy of each loop per vector instruction set (GCC only; programs with sanitizers cannot start with this
// dispatch).
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__)
#define POCKETSTYLE_VECTORISED __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define POCKETSTYLE_VECTORISED
#endif
#define POCKETSTYLE_INLINE [[gnu::always_inline]] inline

namespace pocketstyle::nn::kernels {
namespace {

/// body(i, j) for i in [0, count), j = i mod period, as loops without a division.
template <class Body>
POCKETSTYLE_INLINE void repeat(std::int64_t count, std::int64_t period, const Body& body) {
  std::int64_t i = 0;
  for (; i + period <= count; i += period)
#pragma GCC ivdep
    for (std::int64_t j = 0; j < period; ++j) body(i + j, j);
#pragma GCC ivdep
  for (std::int64_t j = 0; j < count - i; ++j) body(i + j, j);
}

template <class T>
POCKETSTYLE_INLINE void moments(const T* x, std::int64_t count, const float* pivot, float* sum, float* squares,
                                std::int64_t period) {
  repeat(count, period, [&](std::int64_t i, std::int64_t j) {
    const float d = to_float(x[i]) - pivot[j];
    sum[j] += d;
    squares[j] += d * d;
  });
}

template <class T>
POCKETSTYLE_INLINE void affine(const T* x, const T* residual, T* y, std::int64_t count, const float* scale,
                               const float* shift, bool relu, std::int64_t period) {
  if (relu)
    repeat(count, period,
           [&](std::int64_t i, std::int64_t j) { store(y[i], std::max(to_float(x[i]) * scale[j] + shift[j], 0.0F)); });
  else if (residual != nullptr)
    repeat(count, period, [&](std::int64_t i, std::int64_t j) {
      store(y[i], to_float(x[i]) * scale[j] + shift[j] + to_float(residual[i]));
    });
  else
    repeat(count, period, [&](std::int64_t i, std::int64_t j) { store(y[i], to_float(x[i]) * scale[j] + shift[j]); });
}

template <class T>
POCKETSTYLE_INLINE void mask(float* gradient, const T* x, T* masked, std::int64_t count, NormRow norm, bool relu,
                             float* sum, float* products, std::int64_t period) {
  const float *scale = norm.scale, *shift = norm.shift, *rstd = norm.rstd, *offset = norm.minus_mean_rstd;
  const float lowest = relu ? 0.0F : -std::numeric_limits<float>::infinity();
  repeat(count, period, [&](std::int64_t i, std::int64_t j) {
    const float value = to_float(x[i]);
    const float g = value * scale[j] + shift[j] > lowest ? gradient[i] : 0.0F;
    gradient[i] = g;
    store(masked[i], g);
    sum[j] += g;
    products[j] += g * (value * rstd[j] + offset[j]);
  });
}

template <class T>
POCKETSTYLE_INLINE void linear(T* dx, const T* x, std::int64_t count, const float* a, const float* b, const float* c,
                               std::int64_t period) {
  repeat(count, period,
         [&](std::int64_t i, std::int64_t j) { store(dx[i], to_float(dx[i]) * a[j] + to_float(x[i]) * b[j] + c[j]); });
}

template <class T>
POCKETSTYLE_INLINE void add(const T* from, float* to, std::int64_t count, bool first) {
  if (first) {
#pragma GCC ivdep
    for (std::int64_t i = 0; i < count; ++i) to[i] = to_float(from[i]);
  } else {
#pragma GCC ivdep
    for (std::int64_t i = 0; i < count; ++i) to[i] += to_float(from[i]);
  }
}

template <class T>
POCKETSTYLE_INLINE void pool(const T* upper, const T* lower, T* out, std::int64_t pixels, std::int64_t channels) {
  for (std::int64_t p = 0; p < pixels; ++p) {
    const T *a = upper + 2 * p * channels, *b = lower + 2 * p * channels;
    T* const to = out + p * channels;
#pragma GCC ivdep
    for (std::int64_t c = 0; c < channels; ++c)
      store(to[c], std::max(std::max(to_float(a[c]), to_float(a[c + channels])),
                            std::max(to_float(b[c]), to_float(b[c + channels]))));
  }
}

// Numbers as bits, since comparing floats and selecting structs prevents vectorisation.
POCKETSTYLE_INLINE std::uint32_t bits(float x) {
  return std::bit_cast<std::uint32_t>(x);
}
POCKETSTYLE_INLINE std::uint16_t bits(BFloat16 x) {
  return x.bits;
}
POCKETSTYLE_INLINE void store_bits(float& to, std::uint32_t x) {
  to = std::bit_cast<float>(x);
}
POCKETSTYLE_INLINE void store_bits(BFloat16& to, std::uint16_t x) {
  to.bits = x;
}

template <class T>
POCKETSTYLE_INLINE void pool_backward(const T* upper, const T* lower, const T* out, const T* gradient,
                                      T* upper_gradient, T* lower_gradient, std::int64_t pixels,
                                      std::int64_t channels) {
  for (std::int64_t p = 0; p < pixels; ++p) {
    const std::int64_t at = 2 * p * channels;
    const T *a = upper + at, *b = lower + at, *m = out + p * channels, *from = gradient + p * channels;
    T *to_a = upper_gradient + at, *to_b = lower_gradient + at;
#pragma GCC ivdep
    for (std::int64_t c = 0; c < channels; ++c) {
      const auto most = bits(m[c]), g = bits(from[c]), zero = decltype(g){0};
      // A maximum equals one of the four, bit for bit. No && here: a branch would prevent vectorisation.
      const bool is_first = bits(a[c]) == most, is_second = bits(a[c + channels]) == most,
                 is_third = bits(b[c]) == most;
      store_bits(to_a[c], is_first ? g : zero);
      store_bits(to_a[c + channels], is_second & !is_first ? g : zero);
      store_bits(to_b[c], is_third & !is_first & !is_second ? g : zero);
      store_bits(to_b[c + channels], is_first | is_second | is_third ? zero : g);
    }
  }
}

}  // namespace

// NOLINTBEGIN(bugprone-macro-parentheses): T is a type.
#define POCKETSTYLE_KERNELS(T)                                                                                         \
  POCKETSTYLE_VECTORISED void add_moments(const T* x, std::int64_t count, const float* pivot, float* sum,              \
                                          float* squares, std::int64_t period) {                                       \
    moments(x, count, pivot, sum, squares, period);                                                                    \
  }                                                                                                                    \
  POCKETSTYLE_VECTORISED void scale_shift(const T* x, const T* residual, T* y, std::int64_t count, const float* scale, \
                                          const float* shift, bool relu, std::int64_t period) {                        \
    affine(x, residual, y, count, scale, shift, relu, period);                                                         \
  }                                                                                                                    \
  POCKETSTYLE_VECTORISED void mask_and_sum(float* gradient, const T* x, T* masked, std::int64_t count, NormRow norm,   \
                                           bool relu, float* sum, float* products, std::int64_t period) {              \
    mask(gradient, x, masked, count, norm, relu, sum, products, period);                                               \
  }                                                                                                                    \
  POCKETSTYLE_VECTORISED void combine(T* dx, const T* x, std::int64_t count, const float* a, const float* b,           \
                                      const float* c, std::int64_t period) {                                           \
    linear(dx, x, count, a, b, c, period);                                                                             \
  }                                                                                                                    \
  POCKETSTYLE_VECTORISED void add_row(const T* from, float* to, std::int64_t count, bool first) {                      \
    add(from, to, count, first);                                                                                       \
  }                                                                                                                    \
  POCKETSTYLE_VECTORISED void max_pool_row(const T* upper, const T* lower, T* out, std::int64_t pixels,                \
                                           std::int64_t channels) {                                                    \
    pool(upper, lower, out, pixels, channels);                                                                         \
  }                                                                                                                    \
  POCKETSTYLE_VECTORISED void max_pool_row_backward(const T* upper, const T* lower, const T* out, const T* gradient,   \
                                                    T* upper_gradient, T* lower_gradient, std::int64_t pixels,         \
                                                    std::int64_t channels) {                                           \
    pool_backward(upper, lower, out, gradient, upper_gradient, lower_gradient, pixels, channels);                      \
  }
// NOLINTEND(bugprone-macro-parentheses)

POCKETSTYLE_KERNELS(float)
POCKETSTYLE_KERNELS(BFloat16)

}  // namespace pocketstyle::nn::kernels
