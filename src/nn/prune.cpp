// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/nn/prune.h"

#include "pocketstyle/core/error.h"

#include <algorithm>

namespace pocketstyle::nn {
namespace {

using torch::indexing::Slice;

/// How strongly each channel can speak: its standard deviation and mean after the norm, squared.
torch::Tensor strength(const torch::nn::InstanceNorm2d& norm) {
  return norm->weight.square() + norm->bias.square();
}

/// The squared norm of the kernels that read each channel.
torch::Tensor reading(const ConvLayer& conv) {
  return conv->conv2d->weight.square().sum({0, 2, 3});
}

/// Indices of the `count` largest, in ascending order.
torch::Tensor most_important(const torch::Tensor& importance, std::int64_t count) {
  const torch::Tensor largest = std::get<1>(importance.topk(count));
  return std::get<0>(largest.sort());
}

/// The middle of a kernel, or the kernel with zeros around it.
torch::Tensor resized_kernel(const torch::Tensor& weight, std::int64_t side) {
  const std::int64_t difference = weight.size(2) - side;
  if (difference <= 0) {
    const std::int64_t around = -difference / 2;
    return torch::constant_pad_nd(weight, {around, around, around, around}, 0);
  }
  const Slice middle(difference / 2, difference / 2 + side);
  return weight.index({Slice(), Slice(), middle, middle});
}

/// Undefined `outs` or `ins` are all.
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

void take_block(const ResidualBlock& from, ResidualBlock& into, const torch::Tensor& trunk) {
  torch::Tensor ins = trunk;
  for (std::size_t i = 0; i < from->convs.size(); ++i) {
    const bool last = i + 1 == from->convs.size();
    const torch::Tensor outs =
        last ? trunk
             : most_important(strength(from->norms[i]) * reading(from->convs[i + 1]), into->norms[i]->weight.size(0));
    take(from->convs[i], into->convs[i], outs, ins);
    take(from->norms[i], into->norms[i], outs);
    ins = outs;
  }
}

/// The blocks that change the trunk most, in their order.
std::vector<ResidualBlock> strongest_blocks(const StyleNet& net, std::int64_t count) {
  std::vector<torch::Tensor> strengths;
  for (const ResidualBlock& block : net->blocks) strengths.push_back(strength(block->norms.back()).sum());
  std::vector<ResidualBlock> chosen;
  if (count == 0) return chosen;
  const torch::Tensor indices = most_important(torch::stack(strengths), count);
  for (std::int64_t i = 0; i < count; ++i)
    chosen.push_back(net->blocks[static_cast<std::size_t>(indices[i].item<std::int64_t>())]);
  return chosen;
}

void check_is_smaller(const config::Architecture& from, const config::Architecture& into) {
  bool wider = false;
  for (std::size_t i = 0; i < into.widths.size(); ++i) wider = wider || into.widths[i] > from.widths[i];
  if (from.block == into.block)
    wider = wider || into.blocks > from.blocks || (into.block == config::BlockKind::bottleneck && into.mid > from.mid);
  if (wider)
    throw UsageError("expected a network no larger than the one its weights come from, found {} from {}",
                     config::describe(into), config::describe(from));
}

}  // namespace

void copy_or_prune(const StyleNet& from, StyleNet& into) {
  check_is_smaller(from->architecture, into->architecture);
  const torch::NoGradGuard no_grad;
  const bool same_blocks = from->architecture.block == into->architecture.block;
  const auto widths = into->architecture.widths;

  torch::Tensor trunk_strength = strength(from->in3), trunk_reading = reading(from->deconv1);
  for (const ResidualBlock& block : from->blocks) {
    trunk_strength = trunk_strength + strength(block->norms.back());
    trunk_reading = trunk_reading + reading(block->convs.front());
  }
  const torch::Tensor full = most_important(strength(from->in1) * reading(from->conv2), widths[0]),
                      half = most_important(strength(from->in2) * reading(from->conv3), widths[1]),
                      trunk = most_important(trunk_strength * trunk_reading, widths[2]),
                      half_up = most_important(strength(from->in4) * reading(from->deconv2), widths[1]),
                      full_up = most_important(strength(from->in5) * reading(from->deconv3), widths[0]);
  take(from->conv1, into->conv1, full, {});
  take(from->in1, into->in1, full);
  take(from->conv2, into->conv2, half, full);
  take(from->in2, into->in2, half);
  take(from->conv3, into->conv3, trunk, half);
  take(from->in3, into->in3, trunk);
  if (same_blocks) {
    const auto blocks = strongest_blocks(from, into->architecture.blocks);
    for (std::size_t i = 0; i < blocks.size(); ++i) take_block(blocks[i], into->blocks[i], trunk);
  }
  take(from->deconv1, into->deconv1, half_up, trunk);
  take(from->in4, into->in4, half_up);
  take(from->deconv2, into->deconv2, full_up, half_up);
  take(from->in5, into->in5, full_up);
  take(from->deconv3, into->deconv3, {}, full_up);
}

}  // namespace pocketstyle::nn
