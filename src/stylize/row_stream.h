// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "stylize/channel_statistics.h"

#include "pocketstyle/media/image.h"
#include "pocketstyle/nn/style_net.h"

#include <torch/torch.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>

namespace pocketstyle::stylize {

/// The rows of a level of the network, top to bottom, each once. What a stage needs again of its input it keeps itself,
/// so no row is computed twice in a pass, however thin the strips are.
class RowStream {
 public:
  virtual ~RowStream() = default;
  /// float32 [1, C, n, W] with n of 1 or more; undefined after the last row. Not to be written to.
  virtual torch::Tensor next() = 0;
};

/// A level that is kept, in strips.
using StoredLevel = std::deque<torch::Tensor>;

/// A copy to keep, in pages of its own, which go back to the system with it. Freed by malloc they would leave holes.
torch::Tensor kept_copy(const torch::Tensor& strip);

/// The photo as the network's first convolution takes it, `rows` at a time. It must outlive the stream.
class PictureRows : public RowStream {
 public:
  PictureRows(const media::Image& photo, std::int64_t rows) : photo_(photo), rows_(rows) {}
  torch::Tensor next() override;

 private:
  const media::Image& photo_;
  std::int64_t rows_, top_ = 0;
};

/// The strips of `level`, which must outlive the stream, cut to `rows` where they are higher. With `consume` a strip
/// leaves the level with its last row.
class StoredRows : public RowStream {
 public:
  StoredRows(StoredLevel& level, bool consume, std::int64_t rows) : level_(level), consume_(consume), rows_(rows) {}
  torch::Tensor next() override;

 private:
  StoredLevel& level_;
  bool consume_;
  std::int64_t rows_, top_ = 0;
  std::size_t strip_ = 0;
};

/// Nearest-neighbour doubling, cut to `height` and `width`.
class DoubledRows : public RowStream {
 public:
  DoubledRows(std::unique_ptr<RowStream> input, std::int64_t height, std::int64_t width)
      : input_(std::move(input)), left_(height), width_(width) {}
  torch::Tensor next() override;

 private:
  std::unique_ptr<RowStream> input_;
  std::int64_t left_, width_;  // left_: rows to come
};

/// Reflection padding and a convolution; before them, with `norm`, an instance norm and a ReLU. Waits for `rows` of
/// its input, or the last, before it convolves.
class ConvRows : public RowStream {
 public:
  ConvRows(std::unique_ptr<RowStream> input, nn::ConvLayer layer, std::optional<Affine> norm, std::int64_t rows);
  torch::Tensor next() override;

 private:
  void pull();
  void append(const std::vector<torch::Tensor>& strips);

  std::unique_ptr<RowStream> input_;
  nn::ConvLayer layer_;
  std::optional<Affine> norm_;
  std::int64_t rows_;
  torch::Tensor waiting_;  // padded input from the first row that the next output reads
  bool started_ = false;   // the rows mirrored above the first one are there
  bool ended_ = false;     // those below the last one too
};

}  // namespace pocketstyle::stylize
