// SPDX-License-Identifier: Apache-2.0
#pragma once
// The inner loops of Winograd's convolution F(4x4, 3x3) (Lavin and Gray 2016), for channels-last float32 pictures. No
// LibTorch here: winograd_loops.h is compiled once for each kind of vector unit.
//
// A 3x3 convolution makes a tile of 4x4 output pixels from 6x6 input pixels d: output = A^T [U * (B^T d B)] A, where U
// is the transformed kernel, made beforehand, and * multiplies the 36 numbers one by one. Over many tiles and all
// channels each of the 36 is a product of matrices, [tiles x in] by [in x out]: 2.25 products for an output pixel and
// channel pair, where the direct way takes 9. The gradient of the input is the transpose of each step, last one first.

#include <cstdint>

namespace pocketstyle::nn::winograd {

inline constexpr int kTile = 4, kPatch = 6, kProducts = 36;

/// Pixels of a picture, as where the rows begin and how far in each column is. Rows and columns that mirror each other
/// may be the same. What is outside: a row that is null, a column that is negative.
struct Pixels {
  float* rows[kPatch];
  std::int64_t columns[kPatch];
};

/// Numbers of the 36 matrices that belong to one tile: the first, and the distance from each matrix to the next.
struct Transformed {
  float* first;
  std::int64_t stride;
};

struct Kernels {
  /// Channels must be multiples: of `lanes` where they come in, of `panel` where they go out of multiply().
  std::int64_t lanes, panel;
  /// Tiles are best counted in multiples of this.
  std::int64_t tiles_at_once;

  /// to = B^T d B. All 6x6 pixels must be inside.
  void (*transform_input)(const Pixels& d, std::int64_t channels, Transformed to);
  /// product [tiles x out] = x [tiles x in] times weights, which lie as [out / panel][in][panel].
  void (*multiply)(std::int64_t tiles, std::int64_t in, std::int64_t out, const float* x, const float* weights,
                   float* product);
  /// 4x4 pixels = A^T m A + bias, then ReLU if asked. `bias` may be null. Nothing is written outside.
  void (*transform_output)(Transformed m, std::int64_t channels, const float* bias, bool relu, const Pixels& to);

  /// to = A y A^T of 4x4 pixels y, with zeros outside. Where `outputs` has rows, a pixel of y counts as zero unless the
  /// same pixel there is positive: the gradient of ReLU.
  void (*transform_gradient)(const Pixels& y, const Pixels& outputs, std::int64_t channels, Transformed to);
  /// 6x6 pixels += B m B^T for channels `begin` to `end`. Nothing is added outside.
  void (*add_input_gradient)(Transformed m, std::int64_t begin, std::int64_t end, const Pixels& to);
};

/// Only where the program was compiled for x86-64; the caller must know that the processor has these vectors.
const Kernels& avx2_kernels();
const Kernels& avx512_kernels();

}  // namespace pocketstyle::nn::winograd
