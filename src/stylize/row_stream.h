// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "stylize/channel_statistics.h"

#include "pocketstyle/media/image.h"
#include "pocketstyle/nn/style_net.h"

#include <torch/torch.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace pocketstyle::stylize {

/// The rows of a level of the network, top to bottom, each once. What a stage needs again of its input it keeps itself,
/// so no row is computed twice in a pass, however thin the strips are.
class RowStream {
 public:
  virtual ~RowStream() = default;
  /// float32 [1, C, n, W] with n of 1 or more; undefined after the last row. Not to be written to.
  virtual torch::Tensor next() = 0;
};

/// A level that is kept, in strips. Their bytes lie in pages of their own, which go back to the system with them, and
/// nothing else is allocated for one: the least that stays in malloc's heap among the passes' large pieces splits it
/// up.
class StoredLevel {
 public:
  void append(const torch::Tensor& strip);
  [[nodiscard]] std::size_t size() const { return strips_.size(); }
  /// To read or to write, as long as the strip is here.
  [[nodiscard]] torch::Tensor view(std::size_t i) const;
  /// The strip itself: it goes with the tensor.
  torch::Tensor take(std::size_t i);

 private:
  struct GiveBack {
    std::size_t bytes = 0;
    void operator()(void* pages) const;
  };
  struct Strip {
    std::unique_ptr<void, GiveBack> pages;
    std::int64_t channels = 0, rows = 0, width = 0;
  };
  std::vector<Strip> strips_;
};

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
  std::int64_t rows_, top_ = 0;  // top_: of what is left of current_
  std::size_t next_ = 0;
  torch::Tensor current_;
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

/// What readers apply to a convolution's output.
struct NormRelu {
  Affine norm;
  bool relu;
};

/// Reflection padding and a convolution; before them, if given, an instance norm and a ReLU. Waits for `rows` of
/// its input, or the last, before it convolves.
class ConvRows : public RowStream {
 public:
  ConvRows(std::unique_ptr<RowStream> input, nn::ConvLayer layer, std::optional<NormRelu> norm, std::int64_t rows);
  torch::Tensor next() override;

 private:
  void pull();
  void append(const std::vector<torch::Tensor>& strips);

  std::unique_ptr<RowStream> input_;
  nn::ConvLayer layer_;
  std::optional<NormRelu> norm_;
  std::int64_t rows_;
  torch::Tensor waiting_;  // padded input from the first row that the next output reads
  bool started_ = false;   // the rows mirrored above the first one are there
  bool ended_ = false;     // those below the last one too
};

}  // namespace pocketstyle::stylize
