// SPDX-License-Identifier: Apache-2.0
#include "stylize/row_stream.h"

#include "pocketstyle/media/tensor.h"

#include <sys/mman.h>

#include <algorithm>
#include <new>
#include <utility>
#include <vector>

namespace pocketstyle::stylize {

void StoredLevel::GiveBack::operator()(void* pages) const {
  munmap(pages, bytes);
}

void StoredLevel::append(const torch::Tensor& strip) {
  const std::size_t bytes = strip.nbytes();
  void* const pages = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED) throw std::bad_alloc();
  strips_.push_back({{pages, GiveBack{bytes}}, strip.size(1), strip.size(2), strip.size(3)});
  view(strips_.size() - 1).copy_(strip);
}

torch::Tensor StoredLevel::view(std::size_t i) const {
  const Strip& strip = strips_[i];
  return torch::from_blob(strip.pages.get(), {1, strip.channels, strip.rows, strip.width});
}

torch::Tensor StoredLevel::take(std::size_t i) {
  Strip& strip = strips_[i];
  const GiveBack give_back = strip.pages.get_deleter();
  return torch::from_blob(strip.pages.release(), {1, strip.channels, strip.rows, strip.width}, give_back);
}

torch::Tensor PictureRows::next() {
  const std::int64_t rows = std::min(rows_, photo_.height - top_);
  if (rows == 0) return {};
  const torch::Tensor strip = media::to_tensor_nchw255(media::crop(photo_, 0, top_, photo_.width, rows));
  top_ += rows;
  return strip.mul_(nn::kInputScale).add_(nn::kInputShift);
}

torch::Tensor StoredRows::next() {
  if (!current_.defined()) {
    if (next_ == level_.size()) return {};
    current_ = consume_ ? level_.take(next_) : level_.view(next_);
    ++next_;
    top_ = 0;
  }
  const std::int64_t rows = std::min(rows_, current_.size(2) - top_);
  torch::Tensor part = current_.narrow(2, top_, rows);
  top_ += rows;
  if (top_ == current_.size(2)) current_.reset();
  return part;
}

torch::Tensor DoubledRows::next() {
  const torch::Tensor strip = left_ > 0 ? input_->next() : torch::Tensor();
  if (!strip.defined()) return {};
  const torch::Tensor doubled = torch::upsample_nearest2d(strip, {2 * strip.size(2), 2 * strip.size(3)});
  const std::int64_t rows = std::min(left_, doubled.size(2));
  left_ -= rows;
  return doubled.narrow(2, 0, rows).narrow(3, 0, width_);
}

ConvRows::ConvRows(std::unique_ptr<RowStream> input, nn::ConvLayer layer, std::optional<NormRelu> norm,
                   std::int64_t rows)
    : input_(std::move(input)), layer_(std::move(layer)), norm_(std::move(norm)), rows_(rows) {}

torch::Tensor ConvRows::next() {
  const std::int64_t kernel = 2 * layer_->padding + 1, stride = layer_->conv2d->options.stride()->front();
  while (!ended_) {
    pull();
    const std::int64_t waiting = waiting_.size(2);
    if (!started_ || waiting < kernel) continue;
    const std::int64_t rows = (waiting - kernel) / stride + 1;
    const torch::Tensor taken = waiting_.narrow(2, 0, (rows - 1) * stride + kernel);
    torch::Tensor made = layer_->conv2d->forward(taken);
    waiting_ = waiting_.narrow(2, rows * stride, waiting - rows * stride).clone();
    return made;
  }
  return {};
}

/// Takes `rows_` rows of the input, or the remaining ones, and mirrors rows at the top and the bottom.
void ConvRows::pull() {
  const std::int64_t border = layer_->padding;
  std::vector<torch::Tensor> strips;
  for (std::int64_t rows = 0; rows < rows_ && !ended_;) {
    torch::Tensor strip = input_->next();
    ended_ = !strip.defined();
    if (ended_) break;
    rows += strip.size(2);
    strips.push_back(std::move(strip));
  }
  if (!strips.empty()) append(strips);
  if (!started_ && waiting_.size(2) > border) {
    waiting_ = torch::cat({waiting_.narrow(2, 1, border).flip(2), waiting_}, 2);
    started_ = true;
  }
  // There can only be fewer rows if a stride left nothing to compute.
  if (ended_ && waiting_.size(2) > border)
    waiting_ = torch::cat({waiting_, waiting_.narrow(2, waiting_.size(2) - 1 - border, border).flip(2)}, 2);
}

/// Normalised and with mirrored columns, in one copy.
void ConvRows::append(const std::vector<torch::Tensor>& strips) {
  const std::int64_t border = layer_->padding, channels = strips[0].size(1), width = strips[0].size(3);
  std::int64_t rows = waiting_.defined() ? waiting_.size(2) : 0;
  for (const torch::Tensor& strip : strips) rows += strip.size(2);
  torch::Tensor joined = torch::empty({1, channels, rows, width + 2 * border});
  std::int64_t top = 0;
  if (waiting_.defined()) {
    top = waiting_.size(2);
    joined.narrow(2, 0, top).copy_(waiting_);
  }
  const std::int64_t first_new = top;
  for (const torch::Tensor& strip : strips) {
    torch::Tensor to = joined.narrow(2, top, strip.size(2)).narrow(3, border, width);
    if (norm_) {
      torch::mul_out(to, strip, norm_->norm.scale);
      to.add_(norm_->norm.shift);
      if (norm_->relu) to.relu_();
    } else {
      to.copy_(strip);
    }
    top += strip.size(2);
  }
  const torch::Tensor added = joined.narrow(2, first_new, rows - first_new);
  const auto mirror = [&](std::int64_t from, std::int64_t to) { added.select(3, to).copy_(added.select(3, from)); };
  for (std::int64_t i = 1; i <= border; ++i) {
    mirror(border + i, border - i);
    mirror(border + width - 1 - i, border + width - 1 + i);
  }
  waiting_ = joined;
}

}  // namespace pocketstyle::stylize
