// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/nn/winograd.h"

#include "support/catch.h"

#include "pocketstyle/nn/vgg16.h"

#include <ATen/Parallel.h>

#include <algorithm>

using namespace pocketstyle;
using nn::WinogradBorder;

namespace {

struct Case {
  std::int64_t n, in, out, height, width;
};

torch::Tensor channels_last(const torch::Tensor& x) {
  return x.contiguous(torch::MemoryFormat::ChannelsLast);
}

/// The convolution by LibTorch in double precision, differentiable.
torch::Tensor expected_of(const torch::Tensor& x, const torch::Tensor& weight, const torch::Tensor& bias,
                          WinogradBorder border) {
  const torch::Tensor padded = border == WinogradBorder::mirror ? torch::reflection_pad2d(x, {1, 1, 1, 1}) : x;
  return torch::conv2d(padded, weight.to(torch::kFloat64), bias.to(torch::kFloat64)).relu();
}

double error(const torch::Tensor& found, const torch::Tensor& expected) {
  return ((found - expected).abs().max() / expected.abs().max()).item<double>();
}

constexpr const char* kNoVectors = "this processor has no AVX2";

/// Whether this machine has the vectors; without them there is nothing to test.
bool usable() {
  const nn::WinogradConv conv(torch::zeros({32, 32, 3, 3}));
  return conv.takes(channels_last(torch::zeros({1, 32, 32, 32})), WinogradBorder::mirror);
}

}  // namespace

TEST_CASE("Winograd's convolution and its gradient are those of double precision", "[winograd]") {
  if (!usable()) SKIP_TEST(kNoVectors);
  torch::manual_seed(1);
  const auto border = GENERATE(WinogradBorder::mirror, WinogradBorder::none);
  // Whole tiles, cut ones, one block and several, channels that only the narrower vectors take.
  const auto c =
      GENERATE(values<Case>({{2, 32, 64, 16, 16}, {1, 64, 32, 21, 18}, {3, 48, 16, 9, 31}, {1, 32, 32, 70, 67}}));
  const torch::Tensor x = channels_last(torch::randn({c.n, c.in, c.height, c.width}));
  const torch::Tensor weight = torch::randn({c.out, c.in, 3, 3}), bias = torch::randn({c.out});
  const nn::WinogradConv conv(weight);
  REQUIRE(conv.takes(x, border));

  const torch::Tensor precise_x = x.to(torch::kFloat64).requires_grad_(true);
  const torch::Tensor expected = expected_of(precise_x, weight, bias, border);
  const torch::Tensor y = conv.forward(x, bias, /*relu=*/true, border);
  CHECK(y.is_contiguous(torch::MemoryFormat::ChannelsLast));
  CHECK(error(y, expected) < 1e-5);

  const torch::Tensor gradient = channels_last(torch::randn(y.sizes()));
  const torch::Tensor found = conv.input_gradient(gradient, y, x.sizes(), border);
  // Where rounding decides whether ReLU cuts, the gradients differ, rightly: both get the same ReLU.
  torch::conv2d(border == WinogradBorder::mirror ? torch::reflection_pad2d(precise_x, {1, 1, 1, 1}) : precise_x,
                weight.to(torch::kFloat64))
      .backward(torch::where(y > 0, gradient, torch::zeros({})).to(torch::kFloat64));
  CHECK(error(found, precise_x.grad()) < 1e-5);
}

TEST_CASE("no bias and no ReLU are what they say, and threads change no bit", "[winograd]") {
  if (!usable()) SKIP_TEST(kNoVectors);
  torch::manual_seed(2);
  const torch::Tensor x = channels_last(torch::randn({1, 64, 36, 40})), weight = torch::randn({64, 64, 3, 3});
  const nn::WinogradConv conv(weight);
  const auto both = [&](int threads) {
    const int before = at::get_num_threads();
    at::set_num_threads(threads);
    const torch::Tensor y = conv.forward(x, {}, /*relu=*/false, WinogradBorder::mirror);
    const torch::Tensor dx = conv.input_gradient(y, {}, x.sizes(), WinogradBorder::mirror);
    at::set_num_threads(before);
    return std::pair(y, dx);
  };
  const auto [y, dx] = both(1);
  const auto [y2, dx2] = both(3);
  CHECK(torch::equal(y, y2));
  CHECK(torch::equal(dx, dx2));
  const torch::Tensor expected =
      torch::conv2d(torch::reflection_pad2d(x, {1, 1, 1, 1}).to(torch::kFloat64), weight.to(torch::kFloat64));
  CHECK(error(y, expected) < 1e-5);
  CHECK(y.min().item<float>() < 0);
}

TEST_CASE("Winograd leaves alone what it cannot do or would slow down", "[winograd]") {
  const nn::WinogradConv conv(torch::zeros({64, 64, 3, 3}));
  const auto takes = [&](const torch::Tensor& x) { return conv.takes(x, WinogradBorder::mirror); };
  const torch::Tensor x = channels_last(torch::zeros({1, 64, 32, 32}));
  CHECK(takes(x) == usable());
  CHECK_FALSE(takes(x.contiguous()));
  CHECK_FALSE(takes(x.to(torch::kBFloat16)));
  CHECK_FALSE(takes(channels_last(torch::zeros({1, 64, 8, 8}))));
  CHECK_FALSE(takes(channels_last(torch::zeros({1, 32, 32, 32}))));
  CHECK_FALSE(nn::WinogradConv(torch::zeros({10, 64, 3, 3})).takes(x, WinogradBorder::mirror));
}

TEST_CASE("VGG-16 by Winograd's method keeps every tap within 1e-4 of its range", "[winograd]") {
  const torch::NoGradGuard no_grad;
  torch::manual_seed(3);
  const nn::Vgg16 direct, fast = direct.with(nn::VggMethod::winograd);
  // Smooth, like a photo, with some noise: rounding errors then meet large sums.
  const torch::Tensor picture =
      (torch::upsample_bicubic2d(torch::rand({2, 3, 8, 9}) * 255, {96, 104}, false) + torch::randn({2, 3, 96, 104}) * 8)
          .clamp(0, 255);
  const auto expected = direct.features(picture, nn::VggTap::relu4_3);
  const auto found = fast.features(picture, nn::VggTap::relu4_3);
  for (std::size_t i = 0; i < expected.size(); ++i) {
    INFO(nn::kVggTapNames[i]);
    CHECK(error(found[i], expected[i]) < 1e-4);
  }

  const auto gradient_of = [&](const nn::Vgg16& vgg) {
    nn::VggPass pass(vgg, picture);
    return pass.backward([&](nn::VggTap tap, torch::Tensor& gradient) { gradient.add_(pass.feature(tap), 2); });
  };
  // Rounding decides for a few of a million pixels whether ReLU cuts and which of four is the maximum, and their
  // gradients then differ altogether.
  const torch::Tensor expected_gradient = gradient_of(direct);
  CHECK(((gradient_of(fast) - expected_gradient).norm() / expected_gradient.norm()).item<double>() < 5e-3);
}
