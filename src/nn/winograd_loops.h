// SPDX-License-Identifier: Apache-2.0
// The loops behind winograd_kernels.h. Included once in a source file for each kind of vector unit, which defines
// POCKETSTYLE_LANES (floats in a vector), POCKETSTYLE_ROWS and POCKETSTYLE_VECTORS (the part of a product of matrices
// that is held in registers). Only headers without inline functions may be included here: the linker keeps one copy of
// those, which could then be one that other processors cannot run.
#include "nn/winograd_kernels.h"

namespace pocketstyle::nn::winograd {
namespace {

using Int = std::int64_t;
using Vector [[gnu::vector_size(POCKETSTYLE_LANES * sizeof(float)), gnu::aligned(sizeof(float)), gnu::may_alias]] =
    float;
constexpr Int kLanes = POCKETSTYLE_LANES, kRows = POCKETSTYLE_ROWS, kVectors = POCKETSTYLE_VECTORS;
constexpr Int kPanel = kLanes * kVectors;
constexpr Int kDepth = 4096 / kPanel;  // a panel of so many rows, 16 kB, stays in the first cache

#define POCKETSTYLE_INLINE [[gnu::always_inline]] inline

POCKETSTYLE_INLINE Vector load(const float* from) {
  return *reinterpret_cast<const Vector*>(from);
}
POCKETSTYLE_INLINE void store(float* to, const Vector& x) {
  *reinterpret_cast<Vector*>(to) = x;
}

/// The four transforms in one dimension. Input and output each lie `from` and `to` vectors apart.
/// B^T, 6 to 6.
POCKETSTYLE_INLINE void input_1d(const Vector* d, int from, Vector* out, int to) {
  const Vector d0 = d[0], d1 = d[from], d2 = d[2 * from], d3 = d[3 * from], d4 = d[4 * from], d5 = d[5 * from];
  const Vector even = d4 - d2 * 4, odd = d3 - d1 * 4, even2 = d4 - d2, odd2 = d3 - d1;
  out[0] = d0 * 4 - d2 * 5 + d4;
  out[to] = even + odd;
  out[2 * to] = even - odd;
  out[3 * to] = even2 + odd2 * 2;
  out[4 * to] = even2 - odd2 * 2;
  out[5 * to] = d1 * 4 - d3 * 5 + d5;
}
/// A^T, 6 to 4.
POCKETSTYLE_INLINE void output_1d(const Vector* m, int from, Vector* out, int to) {
  const Vector m1 = m[from], m2 = m[2 * from], m3 = m[3 * from], m4 = m[4 * from];
  const Vector sum = m1 + m2, difference = m1 - m2, sum2 = m3 + m4, difference2 = m3 - m4;
  out[0] = m[0] + sum + sum2;
  out[to] = difference + difference2 * 2;
  out[2 * to] = sum + sum2 * 4;
  out[3 * to] = difference + difference2 * 8 + m[5 * from];
}
/// A, 4 to 6.
POCKETSTYLE_INLINE void gradient_1d(const Vector* y, int from, Vector* out, int to) {
  const Vector y0 = y[0], y1 = y[from], y2 = y[2 * from], y3 = y[3 * from];
  const Vector even = y0 + y2, odd = y1 + y3, even2 = y0 + y2 * 4, odd2 = y1 * 2 + y3 * 8;
  out[0] = y0;
  out[to] = even + odd;
  out[2 * to] = even - odd;
  out[3 * to] = even2 + odd2;
  out[4 * to] = even2 - odd2;
  out[5 * to] = y3;
}
/// B, 6 to 6.
POCKETSTYLE_INLINE void input_gradient_1d(const Vector* m, int from, Vector* out, int to) {
  const Vector m0 = m[0], m1 = m[from], m2 = m[2 * from], m3 = m[3 * from], m4 = m[4 * from], m5 = m[5 * from];
  const Vector sum = m1 + m2, difference = m1 - m2, sum2 = m3 + m4, difference2 = m3 - m4;
  out[0] = m0 * 4;
  out[to] = m5 * 4 - difference * 4 - difference2 * 2;
  out[2 * to] = -sum * 4 - m0 * 5 - sum2;
  out[3 * to] = difference + difference2 * 2 - m5 * 5;
  out[4 * to] = m0 + sum + sum2;
  out[5 * to] = m5;
}

void transform_input(const Pixels& d, Int channels, Transformed to) {
  for (Int c = 0; c < channels; c += kLanes) {
    Vector half[kProducts];
    for (int j = 0; j < kPatch; ++j) {
      Vector column[kPatch];
      for (int i = 0; i < kPatch; ++i) column[i] = load(d.rows[i] + d.columns[j] + c);
      input_1d(column, 1, half + j, kPatch);
    }
    for (int i = 0; i < kPatch; ++i) {
      Vector row[kPatch];
      input_1d(half + kPatch * i, 1, row, 1);
      for (int j = 0; j < kPatch; ++j) store(to.first + (kPatch * i + j) * to.stride + c, row[j]);
    }
  }
}

void transform_output(Transformed m, Int channels, const float* bias, bool relu, const Pixels& to) {
  for (Int c = 0; c < channels; c += kLanes) {
    Vector half[kTile * kPatch];
    for (int j = 0; j < kPatch; ++j) {
      Vector column[kPatch];
      for (int i = 0; i < kPatch; ++i) column[i] = load(m.first + (kPatch * i + j) * m.stride + c);
      output_1d(column, 1, half + j, kPatch);
    }
    const Vector zero{}, added = bias == nullptr ? zero : load(bias + c);
    for (int i = 0; i < kTile; ++i) {
      if (to.rows[i] == nullptr) continue;
      Vector row[kTile];
      output_1d(half + kPatch * i, 1, row, 1);
      for (int j = 0; j < kTile; ++j) {
        if (to.columns[j] < 0) continue;
        Vector y = row[j] + added;
        if (relu) y = y > zero ? y : zero;
        store(to.rows[i] + to.columns[j] + c, y);
      }
    }
  }
}

void transform_gradient(const Pixels& y, const Pixels& outputs, Int channels, Transformed to) {
  for (Int c = 0; c < channels; c += kLanes) {
    const Vector zero{};
    Vector half[kPatch * kTile];
    for (int j = 0; j < kTile; ++j) {
      Vector column[kTile];
      for (int i = 0; i < kTile; ++i) {
        const bool inside = y.rows[i] != nullptr && y.columns[j] >= 0;
        column[i] = inside ? load(y.rows[i] + y.columns[j] + c) : zero;
        if (inside && outputs.rows[i] != nullptr)
          column[i] = load(outputs.rows[i] + outputs.columns[j] + c) > zero ? column[i] : zero;
      }
      gradient_1d(column, 1, half + j, kTile);
    }
    for (int i = 0; i < kPatch; ++i) {
      Vector row[kPatch];
      gradient_1d(half + kTile * i, 1, row, 1);
      for (int j = 0; j < kPatch; ++j) store(to.first + (kPatch * i + j) * to.stride + c, row[j]);
    }
  }
}

void add_input_gradient(Transformed m, Int begin, Int end, const Pixels& to) {
  for (Int c = begin; c < end; c += kLanes) {
    Vector half[kProducts];
    for (int j = 0; j < kPatch; ++j) {
      Vector column[kPatch];
      for (int i = 0; i < kPatch; ++i) column[i] = load(m.first + (kPatch * i + j) * m.stride + c);
      input_gradient_1d(column, 1, half + j, kPatch);
    }
    for (int i = 0; i < kPatch; ++i) {
      if (to.rows[i] == nullptr) continue;
      Vector row[kPatch];
      input_gradient_1d(half + kPatch * i, 1, row, 1);
      for (int j = 0; j < kPatch; ++j) {
        if (to.columns[j] < 0) continue;
        float* const pixel = to.rows[i] + to.columns[j] + c;
        store(pixel, load(pixel) + row[j]);
      }
    }
  }
}

/// R rows and one panel of the product, summed up in registers.
template <Int R>
POCKETSTYLE_INLINE void multiply_block(Int depth, const float* x, Int in, const float* panel, float* product, Int out,
                                       bool first) {
  Vector sums[R][kVectors];
#pragma GCC unroll 16
  for (Int r = 0; r < R; ++r)
#pragma GCC unroll 4
    for (Int v = 0; v < kVectors; ++v) sums[r][v] = Vector{};
#pragma GCC unroll 2
  for (Int i = 0; i < depth; ++i) {
    Vector weights[kVectors];
#pragma GCC unroll 4
    for (Int v = 0; v < kVectors; ++v) weights[v] = load(panel + i * kPanel + v * kLanes);
#pragma GCC unroll 16
    for (Int r = 0; r < R; ++r)
#pragma GCC unroll 4
      for (Int v = 0; v < kVectors; ++v) sums[r][v] += x[r * in + i] * weights[v];
  }
#pragma GCC unroll 16
  for (Int r = 0; r < R; ++r)
#pragma GCC unroll 4
    for (Int v = 0; v < kVectors; ++v) {
      float* const to = product + r * out + v * kLanes;
      store(to, first ? sums[r][v] : load(to) + sums[r][v]);
    }
}

template <Int R>
void multiply_rest(Int rows, Int depth, const float* x, Int in, const float* panel, float* product, Int out,
                   bool first) {
  if constexpr (R > 0) {
    if (rows == R)
      multiply_block<R>(depth, x, in, panel, product, out, first);
    else
      multiply_rest<R - 1>(rows, depth, x, in, panel, product, out, first);
  }
}

void multiply(Int tiles, Int in, Int out, const float* x, const float* weights, float* product) {
  for (Int i = 0; i < in; i += kDepth) {
    const Int depth = in - i < kDepth ? in - i : kDepth;
    for (Int o = 0; o < out; o += kPanel) {
      const float* const panel = weights + o * in + i * kPanel;
      Int t = 0;
      for (; t + kRows <= tiles; t += kRows)
        multiply_block<kRows>(depth, x + t * in + i, in, panel, product + t * out + o, out, i == 0);
      multiply_rest<kRows - 1>(tiles - t, depth, x + t * in + i, in, panel, product + t * out + o, out, i == 0);
    }
  }
}

constexpr Kernels kKernels = {
    kLanes, kPanel, kRows, transform_input, multiply, transform_output, transform_gradient, add_input_gradient};

}  // namespace
}  // namespace pocketstyle::nn::winograd
