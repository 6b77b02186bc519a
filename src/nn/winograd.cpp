// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/nn/winograd.h"

#include "nn/tensor_data.h"
#include "nn/winograd_kernels.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cstring>
#include <mutex>
#include <utility>

namespace pocketstyle::nn {
namespace {

using winograd::Kernels;
using winograd::kPatch;
using winograd::kProducts;
using winograd::kTile;
using winograd::Pixels;
using winograd::Transformed;
using Int = std::int64_t;

constexpr Int kLeastTiles = 12;  // fewer do not pay for reading four times as many weights
constexpr Int kLeastSide = 4;

/// Those of the vector unit that LibTorch uses (ATEN_CPU_CAPABILITY), if both counts of channels fit them.
const Kernels* kernels_for(Int in, Int out) {
  static const std::string libtorch = at::show_config();
  const auto uses = [](const char* unit) { return libtorch.find(unit) != std::string::npos; };
  static const bool avx512 = uses("CPU capability usage: AVX512"), avx2 = avx512 || uses("CPU capability usage: AVX2");
  const auto fit = [&](const Kernels& kernels) { return in % kernels.lanes == 0 && out % kernels.panel == 0; };
#ifdef POCKETSTYLE_WINOGRAD
  if (avx512 && fit(winograd::avx512_kernels())) return &winograd::avx512_kernels();
  if (avx2 && fit(winograd::avx2_kernels())) return &winograd::avx2_kernels();
#endif
  return nullptr;
}

/// The picture x, the convolution's result y, and the tiles of y. A patch's position p is the row or column p - margin
/// of x.
struct Geometry {
  Int n, height, width, margin;

  Geometry(torch::IntArrayRef x_sizes, WinogradBorder border)
      : n(x_sizes[0]), height(x_sizes[2]), width(x_sizes[3]), margin(border == WinogradBorder::mirror ? 1 : 0) {}
  [[nodiscard]] Int y_height() const { return height + 2 * margin - 2; }
  [[nodiscard]] Int y_width() const { return width + 2 * margin - 2; }
  [[nodiscard]] Int tile_rows() const { return (y_height() + kTile - 1) / kTile; }
  [[nodiscard]] Int tile_columns() const { return (y_width() + kTile - 1) / kTile; }
  [[nodiscard]] Int tiles() const { return n * tile_rows() * tile_columns(); }

  /// Where position p of a side is in x; -1 beyond what y needs.
  [[nodiscard]] Int source(Int p, Int side) const {
    const Int i = p - margin;
    if (i < 0) return -i;
    if (i < side) return i;
    return i < side + margin ? 2 * (side - 1) - i : -1;
  }

  struct Tile {
    Int picture, row, column;
  };
  [[nodiscard]] Tile tile(Int i) const {
    const Int of_picture = i % (tile_rows() * tile_columns());
    return {i / (tile_rows() * tile_columns()), of_picture / tile_columns(), of_picture % tile_columns()};
  }
  /// The 6x6 pixels of x, [n, height, width, channels]. `everywhere`: what is beyond gets some pixel all the same.
  [[nodiscard]] Pixels patch(float* x, Int channels, const Tile& tile, bool everywhere) const {
    Pixels pixels{};
    for (Int i = 0; i < kPatch; ++i) {
      Int r = source(kTile * tile.row + i, height), c = source(kTile * tile.column + i, width);
      if (everywhere) r = r < 0 ? height - 1 : r, c = c < 0 ? width - 1 : c;
      pixels.rows[i] = r < 0 ? nullptr : x + (tile.picture * height + r) * width * channels;
      pixels.columns[i] = c < 0 ? -1 : c * channels;
    }
    return pixels;
  }
  /// The 4x4 pixels of y; all of them outside if y is null.
  [[nodiscard]] Pixels block(float* y, Int channels, const Tile& tile) const {
    Pixels pixels{};
    for (Int i = 0; i < kTile; ++i) {
      const Int r = kTile * tile.row + i, c = kTile * tile.column + i;
      pixels.rows[i] =
          y == nullptr || r >= y_height() ? nullptr : y + (tile.picture * y_height() + r) * y_width() * channels;
      pixels.columns[i] = c >= y_width() ? -1 : c * channels;
    }
    return pixels;
  }
};

/// The matrices of as many tiles as are worked on at once. Large products of matrices want many, because they read all
/// weights again; small ones few, whose numbers stay in the second cache.
class Block {
 public:
  Block(const Kernels& kernels, Int tiles, Int in, Int out) : kernels_(kernels), in_(in), out_(out) {
    const Int most = std::clamp<Int>(in * out / 1024, 48, 192);
    const Int blocks = (tiles + most - 1) / most, even = (tiles + blocks - 1) / blocks;
    at_once_ = (even + kernels.tiles_at_once - 1) / kernels.tiles_at_once * kernels.tiles_at_once;
    x_ = torch::empty({kProducts * x_stride()}, torch::kFloat32);
    product_ = torch::empty({kProducts * product_stride()}, torch::kFloat32);
  }
  [[nodiscard]] Int at_once() const { return at_once_; }
  [[nodiscard]] Transformed x(Int tile) const { return {data<float>(x_) + tile * in_, x_stride()}; }
  [[nodiscard]] Transformed product(Int tile) const { return {data<float>(product_) + tile * out_, product_stride()}; }

  void multiply(Int tiles, const float* weights) const {
    at::parallel_for(0, kProducts, 1, [&](Int begin, Int end) {
      for (Int i = begin; i < end; ++i)
        kernels_.multiply(tiles, in_, out_, x(0).first + i * x_stride(), weights + i * in_ * out_,
                          product(0).first + i * product_stride());
    });
  }

 private:
  static constexpr Int kLine = 16;  // else all 36 numbers of a tile would want the same place in the cache
  [[nodiscard]] Int x_stride() const { return at_once_ * in_ + kLine; }
  [[nodiscard]] Int product_stride() const { return at_once_ * out_ + kLine; }

  const Kernels& kernels_;
  Int in_, out_, at_once_;
  torch::Tensor x_, product_;
};

/// body(tile, its number in the block) for tiles `begin` to `end`, in parallel.
template <class Body>
void each_tile(const Geometry& geometry, Int begin, Int end, const Body& body) {
  at::parallel_for(begin, end, 4, [&](Int first, Int last) {
    for (Int i = first; i < last; ++i) body(geometry.tile(i), i - begin);
  });
}

/// Zeros for channels `begin` to `end` in the rows of x that no tile above this first one of its row has added to.
void clear_rows(const Geometry& geometry, float* x, Int channels, const Geometry::Tile& tile, Int begin, Int end) {
  const Int overlap = kPatch - kTile, above = kTile * tile.row - geometry.margin;
  const Int first = tile.row == 0 ? 0 : above + overlap, last = std::min(above + kPatch, geometry.height);
  float* const from = x + (tile.picture * geometry.height + first) * geometry.width * channels;
  const Int pixels = (last - first) * geometry.width;
  if (end - begin == channels) {
    std::memset(from, 0, static_cast<std::size_t>(pixels * channels) * sizeof(float));
    return;
  }
  for (Int i = 0; i < pixels; ++i)
    std::memset(from + i * channels + begin, 0, static_cast<std::size_t>(end - begin) * sizeof(float));
}

/// Row i of G (x) G, which makes number i of the 36 from a kernel's nine.
torch::Tensor kernel_transform() {
  const torch::Tensor g = torch::tensor({{1. / 4, 0., 0.},
                                         {-1. / 6, -1. / 6, -1. / 6},
                                         {-1. / 6, 1. / 6, -1. / 6},
                                         {1. / 24, 1. / 12, 1. / 6},
                                         {1. / 24, -1. / 12, 1. / 6},
                                         {0., 0., 1.}},
                                        torch::kFloat64);
  return torch::kron(g, g);
}

}  // namespace

struct WinogradConv::Packed {
  std::once_flag once;
  torch::Tensor weights;  ///< [36, out / panel, in, panel]
};

WinogradConv::WinogradConv(torch::Tensor weight)
    : weight_(std::move(weight)), packed_(std::make_shared<std::array<Packed, 2>>()) {
  TORCH_CHECK(weight_.dim() == 4 && weight_.size(2) == 3 && weight_.size(3) == 3, "expected [O, I, 3, 3], found ",
              weight_.sizes());
}

bool WinogradConv::takes(const torch::Tensor& x, WinogradBorder border) const {
  const Int in = weight_.size(1), out = weight_.size(0);
  if (!x.device().is_cpu() || x.scalar_type() != torch::kFloat32 || weight_.scalar_type() != torch::kFloat32 ||
      x.size(1) != in || !x.is_contiguous(torch::MemoryFormat::ChannelsLast))
    return false;
  const Geometry geometry(x.sizes(), border);
  return std::min(geometry.y_height(), geometry.y_width()) >= kLeastSide && geometry.tiles() >= kLeastTiles &&
         kernels_for(in, out) != nullptr && kernels_for(out, in) != nullptr;
}

const float* WinogradConv::packed(Direction direction, std::int64_t panel) const {
  Packed& packed = (*packed_)[direction];
  std::call_once(packed.once, [&] {
    const torch::NoGradGuard no_grad;
    torch::Tensor kernels = weight_.detach().to(torch::kFloat64).permute({2, 3, 0, 1});  // [3, 3, out, in]
    if (direction == kInputGradient) kernels = kernels.transpose(2, 3);
    const Int out = kernels.size(2), in = kernels.size(3);
    const torch::Tensor transform = kernel_transform();
    packed.weights = torch::empty({kProducts, out / panel, in, panel}, torch::kFloat32);
    for (Int i = 0; i < out / panel; ++i) {
      const torch::Tensor numbers = kernels.narrow(2, i * panel, panel).transpose(2, 3).reshape({9, in * panel});
      packed.weights.select(1, i).copy_(torch::mm(transform, numbers).view({kProducts, in, panel}));
    }
  });
  return data<float>(packed.weights);
}

torch::Tensor WinogradConv::forward(const torch::Tensor& x, const torch::Tensor& bias, bool relu,
                                    WinogradBorder border) const {
  const Int in = weight_.size(1), out = weight_.size(0);
  const Kernels& kernels = *kernels_for(in, out);
  const Geometry geometry(x.sizes(), border);
  const torch::Tensor y = empty_channels_last({geometry.n, out, geometry.y_height(), geometry.y_width()}, x.options());
  const torch::Tensor shift = bias.defined() ? bias.contiguous() : bias;
  const float* const weights = packed(kForward, kernels.panel);
  const Block block(kernels, geometry.tiles(), in, out);
  for (Int begin = 0; begin < geometry.tiles(); begin += block.at_once()) {
    const Int end = std::min(begin + block.at_once(), geometry.tiles());
    each_tile(geometry, begin, end, [&](const Geometry::Tile& tile, Int i) {
      kernels.transform_input(geometry.patch(data<float>(x), in, tile, /*everywhere=*/true), in, block.x(i));
    });
    block.multiply(end - begin, weights);
    each_tile(geometry, begin, end, [&](const Geometry::Tile& tile, Int i) {
      kernels.transform_output(block.product(i), out, shift.defined() ? data<float>(shift) : nullptr, relu,
                               geometry.block(data<float>(y), out, tile));
    });
  }
  return y;
}

torch::Tensor WinogradConv::input_gradient(const torch::Tensor& gradient, const torch::Tensor& outputs,
                                           torch::IntArrayRef x_sizes, WinogradBorder border) const {
  const Int in = weight_.size(1), out = weight_.size(0);
  const Kernels& kernels = *kernels_for(out, in);
  const Geometry geometry(x_sizes, border);
  const torch::Tensor x = empty_channels_last(x_sizes, gradient.options());
  const torch::Tensor dy = channels_last(gradient), y = outputs.defined() ? channels_last(outputs) : outputs;
  float* const values = y.defined() ? data<float>(y) : nullptr;
  const float* const weights = packed(kInputGradient, kernels.panel);
  const Block block(kernels, geometry.tiles(), out, in);
  for (Int begin = 0; begin < geometry.tiles(); begin += block.at_once()) {
    const Int end = std::min(begin + block.at_once(), geometry.tiles());
    each_tile(geometry, begin, end, [&](const Geometry::Tile& tile, Int i) {
      kernels.transform_gradient(geometry.block(data<float>(dy), out, tile), geometry.block(values, out, tile), out,
                                 block.x(i));
    });
    block.multiply(end - begin, weights);
    // Neighbouring tiles add to the same pixels, so threads share the channels: the order of the sums stays the same.
    const Int lanes = kernels.lanes;
    at::parallel_for(0, in / lanes, 1, [&](Int first, Int last) {
      for (Int i = begin; i < end; ++i) {
        const Geometry::Tile tile = geometry.tile(i);
        if (tile.column == 0) clear_rows(geometry, data<float>(x), in, tile, first * lanes, last * lanes);
        kernels.add_input_gradient(block.product(i - begin), first * lanes, last * lanes,
                                   geometry.patch(data<float>(x), in, tile, /*everywhere=*/false));
      }
    });
  }
  return x;
}

}  // namespace pocketstyle::nn
