// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/nn/prune.h"

#include "support/catch.h"
#include "support/temp_dir.h"

#include <algorithm>
#include <cmath>

using namespace pocketstyle;
using testing::contains;
using testing::error_of;

namespace {

constexpr config::BlockKind kBottleneck = config::BlockKind::bottleneck;
const config::Architecture kLarge{.kernel = 5, .widths = {6, 8, 12}, .block = kBottleneck, .blocks = 3, .mid = 6};

/// With norms that differ from their initial values, so that every channel differs.
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

std::size_t index_of(const nn::StyleNet& net, const std::string& layer) {
  std::size_t i = 0;
  while (net->layers.at(i).name != layer) ++i;
  return i;
}

/// Mutes a layer's channels from `first` on: no kernel reads them, and their norms output zero.
void mute(nn::StyleNet& net, const std::string& layer, std::int64_t first) {
  const std::size_t i = index_of(net, layer);
  torch::nn::InstanceNorm2d& norm = net->norms[i];
  nn::ConvLayer& reader = net->convs[i + 1];
  const torch::NoGradGuard no_grad;
  const std::int64_t count = norm->weight.size(0) - first;
  norm->weight.narrow(0, first, count).zero_();
  norm->bias.narrow(0, first, count).zero_();
  reader->conv2d->weight.narrow(reader->conv2d->options.groups() > 1 ? 0 : 1, first, count).zero_();
}

}  // namespace

TEST_CASE("a network of the same numbers is copied") {
  const nn::StyleNet from = lively_net(kLarge);
  nn::StyleNet into(kLarge);
  nn::copy_or_prune(from, into);
  CHECK(largest_difference(from, into) == 0);
}

TEST_CASE("pruning takes the channels that speak: without mute ones the pictures are the same") {
  config::Architecture large = kLarge;
  large.block = GENERATE(config::BlockKind::bottleneck, config::BlockKind::separable);
  nn::StyleNet from = lively_net(large);
  const config::Architecture small{.kernel = 5, .widths = {4, 5, 12}, .block = large.block, .blocks = 3, .mid = 4};
  for (const auto& [layer, first] : {std::pair{"conv1", 4}, {"conv2", 5}, {"deconv1", 5}, {"deconv2", 4}})
    mute(from, layer, first);
  for (const std::string block : {"res1", "res2", "res3"}) {
    mute(from, block + ".conv1", 4);
    mute(from, block + ".conv2", 4);
  }
  nn::StyleNet into(small);
  nn::copy_or_prune(from, into);
  CHECK(largest_difference(from, into) < 0.05);
}

TEST_CASE("the energy after a ReLU is that of an integral over the normal distribution", "[golden]") {
  const torch::Tensor weight = torch::tensor({1.0, -0.5, 2.0, 0.3, 0.0, 0.0, 1e-3, 0.7}, torch::kFloat64);
  const torch::Tensor bias = torch::tensor({0.0, 0.4, -3.0, 1.5, 2.0, -2.0, -1.0, -0.2}, torch::kFloat64);
  const torch::Tensor found = nn::energy_after_relu(weight, bias);
  for (std::int64_t i = 0; i < weight.size(0); ++i) {
    const double slope = weight[i].item<double>(), shift = bias[i].item<double>();
    double sum = 0;
    constexpr double kStep = 1e-4;
    for (double z = -10; z < 10; z += kStep) {
      const double value = std::max(0.0, slope * z + shift);
      sum += kStep * value * value * std::exp(-0.5 * z * z) / std::sqrt(2 * std::acos(-1.0));
    }
    CHECK(found[i].item<double>() == Approx(sum).epsilon(1e-5).margin(1e-12));
  }
}

TEST_CASE("a channel that the ReLU silences is not taken, however large its bias") {
  nn::StyleNet from = lively_net(kLarge);
  const std::size_t i = index_of(from, "res1.conv1");
  const torch::NoGradGuard no_grad;
  from->norms[i]->bias[2] = -100;
  config::Architecture small = kLarge;
  small.mid = 5;
  nn::StyleNet into(small);
  nn::copy_or_prune(from, into);
  CHECK(into->norms[i]->bias.min().item<double>() > 0);
}

TEST_CASE("blocks that change nothing go first") {
  nn::StyleNet from = lively_net(kLarge);
  const torch::NoGradGuard no_grad;
  const torch::nn::InstanceNorm2d& last = from->norms[index_of(from, "res2.conv3")];
  last->weight.zero_();
  last->bias.zero_();
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
  const torch::Tensor& inside = into->convs[index_of(into, "res1.conv1")]->conv2d->weight;
  const torch::Tensor before = inside.detach().clone();
  nn::copy_or_prune(from, into);
  CHECK(torch::equal(into->convs[0]->conv2d->weight, from->convs[0]->conv2d->weight.narrow(2, 2, 5).narrow(3, 2, 5)));
  CHECK(torch::equal(inside, before));
  config::Architecture wide = kLarge;
  wide.mid = 7;
  nn::StyleNet wider(wide);
  CHECK(contains(error_of([&] { nn::copy_or_prune(lively_net(kLarge), wider); }), "no larger than"));
}

TEST_CASE("between networks with and without layers at full size, what is inside is taken") {
  config::Architecture inside = kLarge;
  inside.widths[0] = 0;
  const auto weight = [](const nn::StyleNet& net, const std::string& name) {
    return net->convs[index_of(net, name)]->conv2d->weight.detach().clone();
  };
  for (const auto& [a, b] : {std::pair{kLarge, inside}, {inside, kLarge}}) {
    const nn::StyleNet from = lively_net(a);
    nn::StyleNet into(b);
    const torch::Tensor head = weight(into, "conv1"), tail = weight(into, "deconv3");
    nn::copy_or_prune(from, into);
    for (const char* name : {"conv3", "res1.conv1", "res3.conv3", "deconv1"}) {
      INFO(name);
      CHECK(torch::equal(weight(into, name), weight(from, name)));
    }
    CHECK(torch::equal(weight(into, "conv1"), head));
    CHECK(torch::equal(weight(into, "deconv3"), tail));
  }
  inside.widths[1] = kLarge.widths[1] + 1;
  nn::StyleNet wider(inside);
  CHECK(contains(error_of([&] { nn::copy_or_prune(lively_net(kLarge), wider); }), "no larger than"));
}
