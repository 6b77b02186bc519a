// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/nn/norm_pad.h"

#include "support/catch.h"

#include "pocketstyle/core/cpu.h"
#include "pocketstyle/nn/rewritten_conv.h"

using namespace pocketstyle;

namespace {

/// Largest difference relative to the expected tensor's largest absolute value.
double difference(const torch::Tensor& found, const torch::Tensor& expected) {
  REQUIRE(found.sizes() == expected.sizes());
  const torch::Tensor a = found.to(torch::kFloat64), b = expected.to(torch::kFloat64);
  return ((a - b).abs().max() / b.abs().max().clamp_min(1e-12)).item<double>();
}

struct Type {
  torch::ScalarType type;
  double tolerance;
};
// bfloat16 has 8 bits: half a unit of them, once for the result and once for its input.
const std::vector<Type> kTypes = {{torch::kFloat32, 2e-5}, {torch::kBFloat16, 1.5e-2}};

struct Inputs {
  torch::Tensor x, weight, bias, residual;
};
/// Channels with means far from zero, as in the first layers. x and residual hold numbers that `type` represents
/// exactly.
Inputs inputs(std::int64_t c, std::int64_t h, std::int64_t w, torch::ScalarType type, std::int64_t margin = 0) {
  torch::manual_seed(c * h + w);
  return {(torch::randn({2, c, h, w}) * 2 + torch::randn({1, c, 1, 1}) * 5).to(type), torch::randn({c}),
          torch::randn({c}), torch::randn({2, c, h + 2 * margin, w + 2 * margin}).to(type)};
}

/// Result and gradients of `f`, whose leaves are in `type` (parameters in `parameter_type`).
template <class F>
std::vector<torch::Tensor> run(const Inputs& in, torch::ScalarType type, torch::ScalarType parameter_type,
                               bool residual, const F& f) {
  const auto leaf = [](const torch::Tensor& t, torch::ScalarType to) {
    return t.to(to).clone().detach().requires_grad_(true);
  };
  const Inputs leaves{leaf(in.x, type), leaf(in.weight, parameter_type), leaf(in.bias, parameter_type),
                      residual ? leaf(in.residual, type) : torch::Tensor()};
  const torch::Tensor y = f(leaves);
  torch::manual_seed(5);
  const torch::Tensor gradient = torch::randn(y.sizes(), torch::kFloat64).to(torch::kBFloat16);
  y.backward(gradient.to(y.scalar_type()));
  std::vector<torch::Tensor> all{y, leaves.x.grad(), leaves.weight.grad(), leaves.bias.grad()};
  if (residual) all.push_back(leaves.residual.grad());
  return all;
}

}  // namespace

TEST_CASE("norm, ReLU, residual and padding in one pass equal LibTorch's operators, gradients too") {
  const auto type = GENERATE(from_range(kTypes));
  const std::int64_t channels = GENERATE(1, 3, 12, 24, 64, 96);
  const auto [height, width] = GENERATE(values<std::pair<int, int>>({{5, 9}, {16, 16}, {33, 20}}));
  const std::int64_t padding = GENERATE(0, 1, 4);
  const bool residual = GENERATE(false, true);
  const std::int64_t margin = residual ? GENERATE(0, 1) : 0;
  const auto mode = padding == 1 ? GENERATE(nn::PadMode::reflect, nn::PadMode::replicate) : nn::PadMode::reflect;
  INFO(type.type << " " << channels << " channels, " << height << "x" << width << ", padding " << padding);
  const nn::NormPad options{.relu = !residual, .padding = padding, .mode = mode, .margin = margin};
  const Inputs in = inputs(channels, height, width, type.type, margin);
  const auto ours = run(in, type.type, torch::kFloat32, residual,
                        [&](const Inputs& i) { return nn::norm_pad(i.x, i.weight, i.bias, i.residual, options); });
  const auto theirs = run(in, torch::kFloat64, torch::kFloat64, residual, [&](const Inputs& i) {
    return nn::norm_pad_plain(i.x, i.weight, i.bias, i.residual, options);
  });
  CHECK(ours[0].is_contiguous(torch::MemoryFormat::ChannelsLast));
  for (std::size_t i = 0; i < ours.size(); ++i) {
    INFO("result " << i);
    CHECK(difference(ours[i], theirs[i]) < type.tolerance);
  }
}

TEST_CASE("the number of threads does not change a bit") {
  const Inputs in = inputs(12, 40, 24, torch::kFloat32);
  const int threads = torch::get_num_threads();
  std::vector<std::vector<torch::Tensor>> results;
  for (const int count : {1, 2, 3}) {
    torch::set_num_threads(count);
    results.push_back(run(in, torch::kFloat32, torch::kFloat32, false, [&](const Inputs& i) {
      return nn::norm_pad(i.x, i.weight, i.bias, {}, {.relu = true, .padding = 1});
    }));
  }
  torch::set_num_threads(threads);
  for (std::size_t i = 0; i < results[0].size(); ++i) {
    CHECK(torch::equal(results[0][i], results[1][i]));
    CHECK(torch::equal(results[0][i], results[2][i]));
  }
}

TEST_CASE("wrong shapes are refused") {
  const Inputs in = inputs(3, 5, 5, torch::kFloat32);
  CHECK_THROWS(nn::norm_pad(in.x, in.weight, in.bias, {}, {.padding = 5}));
  CHECK_THROWS(nn::norm_pad(in.x, in.weight[0], in.bias, {}, {}));
  CHECK_THROWS(nn::norm_pad(in.x, in.weight, in.bias, in.x, {.relu = true}));
  CHECK_THROWS(nn::norm_pad(in.x, in.weight, in.bias, in.x, {.relu = false, .margin = 1}));
}

TEST_CASE("rewritten convolutions equal the plain ones, gradients too") {
  const auto type = GENERATE(from_range(kTypes));
  if (type.type == torch::kBFloat16 && !cpu_has_bfloat16())
    SKIP_TEST("LibTorch's convolutions add up in bfloat16 here; training refuses it");
  const std::int64_t channels = GENERATE(5, 32);
  torch::manual_seed(4);
  const auto both = [&](const torch::Tensor& x, const torch::Tensor& weight, const auto& ours, const auto& plain) {
    const auto results = [&](torch::ScalarType x_type, torch::ScalarType weight_type, const auto& f) {
      const torch::Tensor a = x.to(x_type).detach().requires_grad_(true);
      const torch::Tensor b = weight.to(weight_type).detach().requires_grad_(true);
      const torch::Tensor y = f(a, b);
      torch::manual_seed(6);
      y.backward(torch::randn(y.sizes()).to(y.scalar_type()));
      return std::vector<torch::Tensor>{y, a.grad(), b.grad()};
    };
    const auto found = results(type.type, torch::kFloat32, ours);
    const auto expected = results(torch::kFloat64, torch::kFloat64, plain);
    for (std::size_t i = 0; i < found.size(); ++i) {
      INFO(type.type << " result " << i);
      CHECK(difference(found[i], expected[i]) < type.tolerance);
    }
  };
  for (const std::int64_t k : {3, 5, 9})
    both(torch::randn({2, channels, 12, 15}).to(type.type), torch::randn({3, channels, k, k}), nn::conv_to_few,
         [](const torch::Tensor& x, const torch::Tensor& weight) { return torch::conv2d(x, weight); });
  both(
      torch::randn({2, channels, 6, 9}).to(type.type), torch::randn({4, channels, 3, 3}),
      [](const torch::Tensor& x, const torch::Tensor& weight) {
        const torch::Tensor padded = torch::replication_pad2d(x.to(torch::kFloat32), std::vector<std::int64_t>(4, 1));
        return nn::conv_of_doubled(padded.to(x.scalar_type()), weight);
      },
      [](const torch::Tensor& x, const torch::Tensor& weight) {
        const torch::Tensor doubled = torch::upsample_nearest2d(x, {2 * x.size(2), 2 * x.size(3)});
        return torch::conv2d(torch::reflection_pad2d(doubled, std::vector<std::int64_t>(4, 1)), weight);
      });
}
