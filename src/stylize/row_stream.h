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

/// The rows of a level of the network, from top to bottom, each once. Each stage buffers the input rows that it needs
/// again, so no row is computed twice in a pass, however thin the strips are.
class RowStream {
 public:
  virtual ~RowStream() = default;
  /// float32 [1, C, n, W] with n >= 1; undefined after the last row. Must not be written to.
  virtual torch::Tensor next() = 0;
};

/// A stored level, in strips. Each strip has its own pages, which are returned to the system with it, and nothing else
/// is allocated per strip: small blocks left in malloc's heap would fragment the passes' large ones.
class StoredLevel {
 public:
  void append(const torch::Tensor& strip);
  [[nodiscard]] std::size_t size() const { return strips_.size(); }
  /// For reading or writing, as long as the strip exists.
  [[nodiscard]] torch::Tensor view(std::size_t i) const;
  /// The strip itself; it is freed with the tensor.
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

/// The photo as input of the network's first convolution, `rows` at a time. The photo must outlive the stream.
class PictureRows : public RowStream {
 public:
  PictureRows(const media::Image& photo, std::int64_t rows) : photo_(photo), rows_(rows) {}
  torch::Tensor next() override;

 private:
  const media::Image& photo_;
  std::int64_t rows_, top_ = 0;
};

/// The strips of `level`, which must outlive the stream, cut to at most `rows`. With `consume` each strip is removed
/// from the level after its last row.
class StoredRows : public RowStream {
 public:
  StoredRows(StoredLevel& level, bool consume, std::int64_t rows) : level_(level), consume_(consume), rows_(rows) {}
  torch::Tensor next() override;

 private:
  StoredLevel& level_;
  bool consume_;
  std::int64_t rows_, top_ = 0;  // top_: first unread row of current_
  std::size_t next_ = 0;
  torch::Tensor current_;
};

/// Nearest-neighbour doubling, cropped to `height` and `width`.
class DoubledRows : public RowStream {
 public:
  DoubledRows(std::unique_ptr<RowStream> input, std::int64_t height, std::int64_t width)
      : input_(std::move(input)), left_(height), width_(width) {}
  torch::Tensor next() override;

 private:
  std::unique_ptr<RowStream> input_;
  std::int64_t left_, width_;  // left_: remaining rows
};

/// Operations that readers apply to a convolution's output.
struct NormRelu {
  Affine norm;
  bool relu;
};

/// Optional instance norm and ReLU, then reflection padding and a convolution. Collects `rows` rows of input, or the
/// last ones, before each convolution.
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
  torch::Tensor waiting_;  // padded input, from the first row that the next output needs
  bool started_ = false;   // the mirrored rows at the top have been added
  bool ended_ = false;     // the mirrored rows at the bottom have been added too
};

}  // namespace pocketstyle::stylize
