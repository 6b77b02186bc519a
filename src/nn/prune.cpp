// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/nn/prune.h"

#include "pocketstyle/core/error.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace pocketstyle::nn {
namespace {

using torch::indexing::Slice;

/// The energy of each channel: its mean square after the norm, and after the ReLU if one follows.
torch::Tensor strength(const torch::nn::InstanceNorm2d& norm, bool relu) {
  return relu ? energy_after_relu(norm->weight, norm->bias) : norm->weight.square() + norm->bias.square();
}

/// The squared norm of the kernels that read each input channel.
torch::Tensor reading(const ConvLayer& conv) {
  const std::int64_t others = conv->conv2d->options.groups() > 1 ? 1 : 0;
  return conv->conv2d->weight.square().sum({others, 2, 3});
}

/// Indices of the `count` largest values, in ascending order.
torch::Tensor most_important(const torch::Tensor& importance, std::int64_t count) {
  const torch::Tensor largest = std::get<1>(importance.topk(count));
  return std::get<0>(largest.sort());
}

/// The centre of a kernel, or the kernel padded with zeros.
torch::Tensor resized_kernel(const torch::Tensor& weight, std::int64_t side) {
  const std::int64_t difference = weight.size(2) - side;
  if (difference <= 0) {
    const std::int64_t around = -difference / 2;
    return torch::constant_pad_nd(weight, {around, around, around, around}, 0);
  }
  const Slice middle(difference / 2, difference / 2 + side);
  return weight.index({Slice(), Slice(), middle, middle});
}

/// Undefined `outs` or `ins` mean all.
void take(const ConvLayer& from, ConvLayer& into, const torch::Tensor& outs, const torch::Tensor& ins) {
  torch::Tensor weight = resized_kernel(from->conv2d->weight, into->conv2d->weight.size(2));
  if (outs.defined()) weight = weight.index_select(0, outs);
  if (ins.defined()) weight = weight.index_select(1, ins);
  into->conv2d->weight.copy_(weight);
  if (into->conv2d->bias.defined()) into->conv2d->bias.copy_(from->conv2d->bias);
}

void take(const torch::nn::InstanceNorm2d& from, torch::nn::InstanceNorm2d& into, const torch::Tensor& channels) {
  into->weight.copy_(from->weight.index_select(0, channels));
  into->bias.copy_(from->bias.index_select(0, channels));
}

/// The indices of the blocks that change the trunk most, in ascending order.
std::vector<std::int64_t> strongest_blocks(const StyleNet& net, std::int64_t count) {
  std::vector<torch::Tensor> strengths;
  for (std::size_t i = 0; i < net->norms.size(); ++i)
    if (net->layers[i].ends_block) strengths.push_back(strength(net->norms[i], net->layers[i].relu).sum());
  std::vector<std::int64_t> chosen;
  if (count == 0) return chosen;
  const torch::Tensor indices = most_important(torch::stack(strengths), count);
  for (std::int64_t i = 0; i < count; ++i) chosen.push_back(indices[i].item<std::int64_t>() + 1);
  return chosen;
}

/// The index of a layer of one network, and of the layer of another that it takes its weights from.
struct Pair {
  std::size_t from, into;
};

/// Pairs every layer of `into` with its layer of `from`, in forward order. Skips blocks of another kind, and what
/// differs between networks with and without layers at full size.
std::vector<Pair> pair_layers(const StyleNet& from, const StyleNet& into) {
  const bool same_blocks = from->architecture.block == into->architecture.block;
  const auto blocks = same_blocks ? strongest_blocks(from, into->architecture.blocks) : std::vector<std::int64_t>();
  const auto first = [](const auto& layers, const auto& is_wanted) {
    return static_cast<std::size_t>(std::find_if(layers.begin(), layers.end(), is_wanted) - layers.begin());
  };
  std::vector<Pair> pairs;
  std::size_t block_from = 0, block_into = 0;  // start of the current block in each
  for (std::size_t i = 0; i < into->layers.size(); ++i) {
    const network::Layer& layer = into->layers[i];
    if (layer.block == 0) {
      const bool is_end = i == 0 || layer.is_output();
      if (is_end && from->architecture.full_size() != into->architecture.full_size()) continue;
      const std::size_t at = first(from->layers, [&](const network::Layer& other) { return other.name == layer.name; });
      if (at < from->layers.size()) pairs.push_back({at, i});
    } else if (same_blocks) {
      const std::int64_t number = blocks[static_cast<std::size_t>(layer.block - 1)];
      if (layer.begins_block) {
        block_from = first(from->layers, [&](const network::Layer& other) { return other.block == number; });
        block_into = i;
      }
      pairs.push_back({block_from + i - block_into, i});
    }
  }
  return pairs;
}

[[noreturn]] void fail_as_larger(const StyleNet& from, const StyleNet& into) {
  throw UsageError("expected a network no larger than the one its weights come from, found {} from {}",
                   config::describe(into->architecture), config::describe(from->architecture));
}

}  // namespace

torch::Tensor energy_after_relu(const torch::Tensor& weight, const torch::Tensor& bias) {
  const double kLeast = 1e-20;  // instead of 0, by which the bias cannot be divided
  const torch::Tensor deviation = weight.abs().to(torch::kFloat64).clamp_min(kLeast), mean = bias.to(torch::kFloat64);
  const torch::Tensor ratio = mean / deviation;
  const torch::Tensor share = 0.5 * torch::erfc(-ratio / std::sqrt(2.0));  // of values above 0
  const torch::Tensor density = torch::exp(-0.5 * ratio.square()) / std::sqrt(2 * std::numbers::pi);
  return ((deviation.square() + mean.square()) * share + mean * deviation * density).to(weight.scalar_type());
}

void copy_or_prune(const StyleNet& from, StyleNet& into) {
  const torch::NoGradGuard no_grad;
  if (from->architecture.block == into->architecture.block && into->architecture.blocks > from->architecture.blocks)
    fail_as_larger(from, into);
  const std::vector<Pair> pairs = pair_layers(from, into);
  for (const auto& [i, j] : pairs)
    if (into->layers[j].in > from->layers[i].in || into->layers[j].out > from->layers[i].out)
      fail_as_larger(from, into);

  // For each group of tied_channels: the norms that scale its channels, the kernels that read them, and which are kept.
  const std::vector<std::size_t> tied = network::tied_channels(from->layers);
  std::vector<torch::Tensor> speaking(tied.size()), read(tied.size()), kept(tied.size());
  const auto add = [](torch::Tensor& sum, const torch::Tensor& one) { sum = sum.defined() ? sum + one : one; };
  for (std::size_t i = 0; i < from->norms.size(); ++i) {
    add(speaking[tied[i]], strength(from->norms[i], from->layers[i].relu));
    add(read[tied[i]], reading(from->convs[i + 1]));
  }
  const auto keep = [&](std::size_t i, std::int64_t count) {
    torch::Tensor& channels = kept[tied[i]];
    if (!channels.defined()) channels = most_important(speaking[tied[i]] * read[tied[i]], count);
    return channels;
  };
  for (const auto& [i, j] : pairs) {
    const bool output = from->layers[i].is_output(), depthwise = from->layers[i].groups > 1;
    const torch::Tensor ins = i == 0 || depthwise ? torch::Tensor() : keep(i - 1, into->layers[j].in);
    const torch::Tensor outs = output ? torch::Tensor() : keep(i, into->layers[j].out);
    take(from->convs[i], into->convs[j], outs, ins);
    if (!output) take(from->norms[i], into->norms[j], outs);
  }
}

}  // namespace pocketstyle::nn
