// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/stylize/strips.h"

#include "stylize/row_stream.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"

#include <algorithm>
#include <memory>
#include <vector>

namespace pocketstyle::stylize {
namespace {

constexpr std::int64_t kFloatBytes = 4;

/// A convolution's output, its norm not yet applied. Kept, or computed anew from its input whenever it is read.
struct Level {
  Level* input = nullptr;  ///< nullptr: the photo
  nn::ConvLayer layer{nullptr};
  bool doubled_input = false;
  std::int64_t height = 0, width = 0;
  std::optional<Affine> norm{};  ///< what readers apply, with a ReLU, once it has been measured
  bool stored = false;
  bool pinned = false;  ///< stays when it has been read
  StoredLevel strips{};

  [[nodiscard]] std::int64_t channels() const { return layer->conv2d->options.out_channels(); }
  [[nodiscard]] std::int64_t bytes() const { return channels() * height * width * kFloatBytes; }
};

std::int64_t halved(std::int64_t side) {
  return (side + 1) / 2;
}

/// Bytes of a row of the level with the longest ones, doubled levels among them.
std::int64_t row_bytes(const config::Architecture& architecture, std::int64_t width) {
  return std::max({architecture.widths[0], architecture.widths[1], halved(architecture.widths[2]), architecture.mid / 4,
                   std::int64_t{3}}) *
         width * kFloatBytes;
}

/// What passes take beside the levels that are kept: some strips with the rows that convolutions wait for.
std::int64_t working_bytes(const config::Architecture& architecture, std::int64_t height, std::int64_t width,
                           const StripOptions& options) {
  const std::int64_t row = row_bytes(architecture, width);
  const std::int64_t strip = std::clamp(static_cast<std::int64_t>(options.strip_bytes), row, row * height);
  return 8 * strip + 3 * architecture.kernel * row;
}

class Strips {
 public:
  Strips(const nn::StyleNet& net, const media::Image& photo, const StripOptions& options)
      : net_(net), photo_(photo), options_(options) {}

  void run(const RowSink& sink) {
    const std::int64_t height = photo_.height, width = photo_.width;
    const std::int64_t half_height = halved(height), half_width = halved(width);
    Level full{.input = nullptr, .layer = net_->conv1, .height = height, .width = width};
    Level half{.input = &full, .layer = net_->conv2, .height = half_height, .width = half_width};
    Level trunk{.input = &half, .layer = net_->conv3, .height = halved(half_height), .width = halved(half_width)};
    measure(full, net_->in1, fits(full));
    measure(half, net_->in2, fits(half));
    measure(trunk, net_->in3, true);
    for (std::size_t i = 0; i < trunk.strips.size(); ++i)
      trunk.strips.view(i).mul_(trunk.norm->scale).add_(trunk.norm->shift).relu_();
    trunk.norm.reset();

    trunk.pinned = true;
    for (const nn::ResidualBlock& block : net_->blocks) add_branch(trunk, block);
    trunk.pinned = false;

    Level up_half{.input = &trunk, .layer = net_->deconv1, .doubled_input = true};
    up_half.height = half_height, up_half.width = half_width;
    Level up_full{.input = &up_half, .layer = net_->deconv2, .doubled_input = true, .height = height, .width = width};
    measure(up_half, net_->in4, fits(up_half));
    measure(up_full, net_->in5, fits(up_full));
    Level picture{.input = &up_full, .layer = net_->deconv3, .height = height, .width = width};
    const auto rows = open(picture, /*consume=*/true, height);
    for (torch::Tensor strip = rows->next(); strip.defined(); strip = rows->next())
      sink(torch::mul(strip, nn::kOutputScale).add_(nn::kOutputShift));
  }

 private:
  /// Whether there is room for the level beside `pinned` bytes. Its input may take room too, but goes as it grows.
  [[nodiscard]] bool fits(const Level& level, std::int64_t pinned = 0) const {
    const std::int64_t working = working_bytes(net_->architecture, photo_.height, photo_.width, options_);
    return level.bytes() + pinned + working <= static_cast<std::int64_t>(options_.activation_bytes);
  }

  /// How many rows of a level make a strip.
  [[nodiscard]] std::int64_t strip_rows(std::int64_t bytes_of_row) const {
    return std::max<std::int64_t>(1, static_cast<std::int64_t>(options_.strip_bytes) / bytes_of_row);
  }

  /// The level's rows, in strips of up to `rows` if it is kept. With `consume`, kept levels that are read are gone
  /// afterwards, unless they are pinned.
  std::unique_ptr<RowStream> open(Level& level, bool consume, std::int64_t rows) {
    if (level.stored) return std::make_unique<StoredRows>(level.strips, consume && !level.pinned, rows);
    const auto& options = level.layer->conv2d->options;
    const std::int64_t widest = std::max(options.in_channels(), options.out_channels());
    const std::int64_t input_rows = strip_rows(widest * level.width * options.stride()->front() * kFloatBytes);
    std::unique_ptr<RowStream> input;
    if (level.input == nullptr)
      input = std::make_unique<PictureRows>(photo_, input_rows);
    else
      input = open(*level.input, consume, level.doubled_input ? halved(input_rows) : input_rows);
    if (level.doubled_input) input = std::make_unique<DoubledRows>(std::move(input), level.height, level.width);
    return std::make_unique<ConvRows>(std::move(input), level.layer,
                                      level.input == nullptr ? std::nullopt : level.input->norm, input_rows);
  }

  /// A pass over the level: its statistics, and its rows if they are to be kept.
  void measure(Level& level, const torch::nn::InstanceNorm2d& norm, bool store) {
    ChannelStatistics statistics(level.channels());
    const auto rows = open(level, /*consume=*/store, level.height);
    for (torch::Tensor strip = rows->next(); strip.defined(); strip = rows->next()) {
      statistics.add(strip);
      if (store) level.strips.append(strip);
    }
    level.stored = store;
    level.norm = statistics.affine(norm->weight, norm->bias, norm->options.eps());
  }

  /// trunk += branch(trunk)
  void add_branch(Level& trunk, const nn::ResidualBlock& block) {
    std::vector<Level> branch(block->convs.size());
    for (std::size_t i = 0; i < branch.size(); ++i) {
      branch[i].input = i == 0 ? &trunk : &branch[i - 1];
      branch[i].layer = block->convs[i];
      branch[i].height = trunk.height, branch[i].width = trunk.width;
      measure(branch[i], block->norms[i], fits(branch[i], trunk.bytes()));
    }
    const Affine norm = *branch.back().norm;
    const auto rows = open(branch.back(), /*consume=*/true, trunk.height);
    // Where this reads the trunk it does so ahead of what is written, and keeps a copy of what it needs again.
    std::size_t at = 0;
    std::int64_t top = 0;
    for (torch::Tensor strip = rows->next(); strip.defined(); strip = rows->next()) {
      const torch::Tensor addend = torch::mul(strip, norm.scale).add_(norm.shift);
      for (std::int64_t done = 0; done < addend.size(2);) {
        const torch::Tensor to = trunk.strips.view(at);
        const std::int64_t n = std::min(addend.size(2) - done, to.size(2) - top);
        to.narrow(2, top, n).add_(addend.narrow(2, done, n));
        done += n, top += n;
        if (top == to.size(2)) ++at, top = 0;
      }
    }
  }

  const nn::StyleNet& net_;
  const media::Image& photo_;
  const StripOptions& options_;
};

}  // namespace

std::uint64_t least_activation_bytes(const config::Architecture& architecture, std::int64_t height, std::int64_t width,
                                     const StripOptions& options) {
  const std::int64_t trunk = architecture.widths[2] * halved(halved(height)) * halved(halved(width)) * kFloatBytes;
  return static_cast<std::uint64_t>(trunk + working_bytes(architecture, height, width, options));
}

void run_in_strips(const nn::StyleNet& net, const media::Image& photo, const StripOptions& options,
                   const RowSink& sink) {
  TORCH_CHECK(std::min(photo.width, photo.height) >= net->architecture.min_side(), "expected sides of ",
              net->architecture.min_side(), " pixels or more, found ", photo.height, "x", photo.width);
  const std::uint64_t least = least_activation_bytes(net->architecture, photo.height, photo.width, options);
  if (options.activation_bytes < least)
    throw RuntimeFailure("its activations need {} even in strips, only {} may be used",
                         human_bytes(static_cast<double>(least)),
                         human_bytes(static_cast<double>(options.activation_bytes)));
  const torch::NoGradGuard no_grad;
  Strips(net, photo, options).run(sink);
}

}  // namespace pocketstyle::stylize
