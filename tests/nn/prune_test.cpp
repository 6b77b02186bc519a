// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/nn/prune.h"

#include "support/catch.h"
#include "support/temp_dir.h"

using namespace pocketstyle;
using testing::contains;
using testing::error_of;

namespace {

constexpr config::BlockKind kBottleneck = config::BlockKind::bottleneck;
const config::Architecture kLarge{.kernel = 5, .widths = {6, 8, 12}, .block = kBottleneck, .blocks = 3, .mid = 6};

/// With norms that are not what they start as: so every channel differs.
nn::StyleNet lively_net(const config::Architecture& architecture) {
  torch::manual_seed(3);
  nn::StyleNet net(architecture);
  const torch::NoGradGuard no_grad;
  for (auto& parameter : net->named_parameters())
    if (parameter.value().dim() == 1) parameter.value().uniform_(0.5, 1.5);
  return net;
}

double largest_difference(const nn::StyleNet& a, const nn::StyleNet& b) {
  const torch::NoGradGuard no_grad;
  torch::manual_seed(4);
  const torch::Tensor photo = torch::rand({1, 3, 32, 40}) * 255;
  return (nn::StyleNet(a)->forward(photo) - nn::StyleNet(b)->forward(photo)).abs().max().item<double>();
}

/// Makes channels mute: no kernel reads them, and their norms give nothing.
void mute(torch::nn::InstanceNorm2d& norm, nn::ConvLayer& reader, std::int64_t first) {
  const torch::NoGradGuard no_grad;
  const std::int64_t count = norm->weight.size(0) - first;
  norm->weight.narrow(0, first, count).zero_();
  norm->bias.narrow(0, first, count).zero_();
  reader->conv2d->weight.narrow(1, first, count).zero_();
}

}  // namespace

TEST_CASE("a network of the same numbers is copied") {
  const nn::StyleNet from = lively_net(kLarge);
  nn::StyleNet into(kLarge);
  nn::copy_or_prune(from, into);
  CHECK(largest_difference(from, into) == 0);
}

TEST_CASE("pruning takes the channels that speak: without mute ones the pictures are the same") {
  nn::StyleNet from = lively_net(kLarge);
  const config::Architecture small{.kernel = 5, .widths = {4, 5, 12}, .block = kBottleneck, .blocks = 3, .mid = 4};
  mute(from->in1, from->conv2, 4);
  mute(from->in2, from->conv3, 5);
  mute(from->in4, from->deconv2, 5);
  mute(from->in5, from->deconv3, 4);
  for (auto& block : from->blocks) {
    mute(block->norms[0], block->convs[1], 4);
    mute(block->norms[1], block->convs[2], 4);
  }
  nn::StyleNet into(small);
  nn::copy_or_prune(from, into);
  CHECK(largest_difference(from, into) < 0.05);
}

TEST_CASE("blocks that change nothing go first") {
  nn::StyleNet from = lively_net(kLarge);
  const torch::NoGradGuard no_grad;
  from->blocks[1]->norms.back()->weight.zero_();
  from->blocks[1]->norms.back()->bias.zero_();
  config::Architecture shallow = kLarge;
  shallow.blocks = 2;
  nn::StyleNet into(shallow);
  nn::copy_or_prune(from, into);
  CHECK(largest_difference(from, into) < 0.05);
}

TEST_CASE("a larger kernel gives its middle, blocks of another kind begin anew, a wider network is refused") {
  config::Architecture residual = kLarge;
  residual.kernel = 9;
  residual.block = config::BlockKind::residual;
  const nn::StyleNet from = lively_net(residual);
  nn::StyleNet into(kLarge);
  const torch::Tensor before = into->blocks[0]->convs[0]->conv2d->weight.detach().clone();
  nn::copy_or_prune(from, into);
  CHECK(torch::equal(into->conv1->conv2d->weight, from->conv1->conv2d->weight.narrow(2, 2, 5).narrow(3, 2, 5)));
  CHECK(torch::equal(into->blocks[0]->convs[0]->conv2d->weight, before));
  config::Architecture wide = kLarge;
  wide.mid = 7;
  nn::StyleNet wider(wide);
  CHECK(contains(error_of([&] { nn::copy_or_prune(lively_net(kLarge), wider); }), "no larger than"));
}
