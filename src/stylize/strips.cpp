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

/// A layer's output before its norm is applied. Stored, or recomputed from its input whenever it is read.
struct Level {
  Level* input = nullptr;  ///< nullptr: the photo
  const network::Layer* layer = nullptr;
  nn::ConvLayer conv{nullptr};
  std::int64_t height = 0, width = 0;
  std::optional<Affine> norm{};  ///< applied by readers, with the layer's ReLU, once it has been measured
  bool stored = false;
  bool pinned = false;  ///< not freed when it has been read
  StoredLevel strips{};

  [[nodiscard]] std::int64_t bytes() const { return layer->out * height * width * kFloatBytes; }
};

/// Bytes per row of the level with the largest rows, including doubled levels.
std::int64_t row_bytes(const std::vector<network::Layer>& layers, std::int64_t width) {
  std::int64_t channels = layers.front().in;  // at the picture's width
  for (const network::Layer& layer : layers) {
    channels = std::max(channels, layer.out >> layer.level);
    if (layer.doubles) channels = std::max(channels, network::side_at(layer.in, layer.level));
  }
  return channels * width * kFloatBytes;
}

/// Memory that passes need besides the stored levels: several strips with the rows that convolutions wait for.
std::int64_t working_bytes(const std::vector<network::Layer>& layers, std::int64_t height, std::int64_t width,
                           const StripOptions& options) {
  const std::int64_t row = row_bytes(layers, width);
  const std::int64_t strip = std::clamp(static_cast<std::int64_t>(options.strip_bytes), row, row * height);
  return 8 * strip + 3 * layers.front().kernel * row;
}

class Strips {
 public:
  Strips(const nn::StyleNet& net, const media::Image& photo, const StripOptions& options)
      : net_(net), photo_(photo), options_(options) {}

  void run(const RowSink& sink) {
    const std::vector<network::Layer>& layers = net_->layers;
    std::vector<Level> levels(layers.size());
    Level& trunk = levels[network::trunk(layers)];
    Level* input = nullptr;
    for (std::size_t i = 0; i < layers.size(); ++i) {
      Level& level = levels[i];
      level.input = input;
      level.layer = &layers[i];
      level.conv = net_->convs[i];
      level.height = network::side_at(photo_.height, layers[i].level);
      level.width = network::side_at(photo_.width, layers[i].level);
      if (layers[i].is_output()) break;
      if (layers[i].begins_block) trunk.pinned = true;
      measure(level, net_->norms[i], &level == &trunk || fits(level, trunk.pinned ? trunk.bytes() : 0));
      input = &level;
      if (&level == &trunk) apply_norm(trunk);
      if (layers[i].ends_block) {
        add(trunk, level);
        trunk.pinned = false;
        input = &trunk;
      }
    }
    const auto rows = open(levels.back(), /*consume=*/true, photo_.height);
    for (torch::Tensor strip = rows->next(); strip.defined(); strip = rows->next())
      sink(torch::mul(strip, nn::kOutputScale).add_(nn::kOutputShift));
  }

 private:
  /// Whether the level fits besides `pinned` bytes. Its input may need room too, but is freed as the level grows.
  [[nodiscard]] bool fits(const Level& level, std::int64_t pinned = 0) const {
    const std::int64_t working = working_bytes(net_->layers, photo_.height, photo_.width, options_);
    return level.bytes() + pinned + working <= static_cast<std::int64_t>(options_.activation_bytes);
  }

  /// Number of rows of a level per strip.
  [[nodiscard]] std::int64_t strip_rows(std::int64_t bytes_of_row) const {
    return std::max<std::int64_t>(1, static_cast<std::int64_t>(options_.strip_bytes) / bytes_of_row);
  }

  /// The level's rows, in strips of up to `rows` if it is stored. With `consume`, stored levels are freed while they
  /// are read, unless they are pinned.
  std::unique_ptr<RowStream> open(Level& level, bool consume, std::int64_t rows) {
    if (level.stored) return std::make_unique<StoredRows>(level.strips, consume && !level.pinned, rows);
    const network::Layer& layer = *level.layer;
    const std::int64_t input_rows =
        strip_rows(std::max(layer.in, layer.out) * level.width * layer.stride * kFloatBytes);
    std::unique_ptr<RowStream> input;
    if (level.input == nullptr)
      input = std::make_unique<PictureRows>(photo_, input_rows);
    else
      input = open(*level.input, consume, layer.doubles ? network::side_at(input_rows, 1) : input_rows);
    if (layer.doubles) input = std::make_unique<DoubledRows>(std::move(input), level.height, level.width);
    if (level.input == nullptr || !level.input->norm)
      return std::make_unique<ConvRows>(std::move(input), level.conv, std::nullopt, input_rows);
    const NormRelu norm{*level.input->norm, level.input->layer->relu};
    return std::make_unique<ConvRows>(std::move(input), level.conv, norm, input_rows);
  }

  /// A pass over the level that computes its statistics, and stores its rows if required.
  void measure(Level& level, const torch::nn::InstanceNorm2d& norm, bool store) {
    ChannelStatistics statistics(level.layer->out);
    const auto rows = open(level, /*consume=*/store, level.height);
    for (torch::Tensor strip = rows->next(); strip.defined(); strip = rows->next()) {
      statistics.add(strip);
      if (store) level.strips.append(strip);
    }
    level.stored = store;
    level.norm = statistics.affine(norm->weight, norm->bias, norm->options.eps());
  }

  /// Normalises a stored level in place.
  static void apply_norm(Level& level) {
    for (std::size_t i = 0; i < level.strips.size(); ++i) {
      torch::Tensor strip = level.strips.view(i);
      strip.mul_(level.norm->scale).add_(level.norm->shift);
      if (level.layer->relu) strip.relu_();
    }
    level.norm.reset();
  }

  /// trunk += branch, given the branch's last layer.
  void add(Level& trunk, Level& branch) {
    const Affine norm = *branch.norm;
    const auto rows = open(branch, /*consume=*/true, trunk.height);
    // The branch reads the trunk ahead of the rows being written, and keeps copies of the rows that it needs again.
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
  const std::vector<network::Layer> layers = network::layers(architecture);
  const network::Layer& trunk = layers[network::trunk(layers)];
  const std::int64_t trunk_bytes =
      trunk.out * network::side_at(height, trunk.level) * network::side_at(width, trunk.level) * kFloatBytes;
  return static_cast<std::uint64_t>(trunk_bytes + working_bytes(layers, height, width, options));
}

void run_in_strips(const nn::StyleNet& net, const media::Image& photo, const StripOptions& options,
                   const RowSink& sink) {
  const std::int64_t least_side = network::min_side(net->layers);
  TORCH_CHECK(std::min(photo.width, photo.height) >= least_side, "expected sides of ", least_side,
              " pixels or more, found ", photo.height, "x", photo.width);
  const std::uint64_t least = least_activation_bytes(net->architecture, photo.height, photo.width, options);
  if (options.activation_bytes < least)
    throw RuntimeFailure("its activations need {} even in strips, but only {} may be used",
                         human_bytes(static_cast<double>(least)),
                         human_bytes(static_cast<double>(options.activation_bytes)));
  const torch::NoGradGuard no_grad;
  Strips(net, photo, options).run(sink);
}

}  // namespace pocketstyle::stylize
