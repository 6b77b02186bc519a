// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/nn/fit_ends.h"

#include "support/catch.h"

#include "pocketstyle/nn/prune.h"

#include <stdexcept>

using namespace pocketstyle;

namespace {

constexpr config::BlockKind kKind = config::BlockKind::bottleneck;
const config::Architecture kFrom{.kernel = 5, .widths = {6, 8, 12}, .block = kKind, .blocks = 1, .mid = 6};
const config::Architecture kInto{.kernel = 5, .widths = {0, 8, 12}, .block = kKind, .blocks = 1, .mid = 6};

nn::StyleNet net_with_norms(const config::Architecture& architecture) {
  nn::StyleNet net(architecture);
  const torch::NoGradGuard no_grad;
  for (auto& parameter : net->named_parameters())
    if (parameter.value().dim() == 1) parameter.value().uniform_(0.5, 1.5);
  return net;
}

/// Mean squared difference of the pictures, without their outermost pixels.
double difference(const nn::StyleNet& a, const nn::StyleNet& b, const torch::Tensor& photos) {
  const torch::NoGradGuard no_grad;
  const torch::Tensor all = nn::StyleNet(a)->forward(photos) - nn::StyleNet(b)->forward(photos);
  return all.slice(2, 1, -1).slice(3, 1, -1).square().mean().item<double>();
}

}  // namespace

TEST_CASE("the ends of a network without layers at full size are a least-squares fit") {
  torch::manual_seed(5);
  const nn::StyleNet from = net_with_norms(kFrom);
  nn::StyleNet into = net_with_norms(kInto);
  const torch::Tensor photos = torch::nn::functional::interpolate(torch::rand({3, 3, 16, 16}) * 255,
                                                                  torch::nn::functional::InterpolateFuncOptions()
                                                                      .size(std::vector<std::int64_t>{64, 64})
                                                                      .mode(torch::kBilinear)
                                                                      .align_corners(false));
  nn::copy_or_prune(from, into);
  const double before = difference(from, into, photos);
  nn::fit_ends(from, into, photos);
  const double fitted = difference(from, into, photos);
  CHECK(fitted < 0.2 * before);

  SECTION("no other output layer is nearer") {
    const torch::NoGradGuard no_grad;
    for (const torch::Tensor& parameter : into->convs.back()->parameters()) {
      const torch::Tensor best = parameter.clone();
      for (int i = 0; i < 5; ++i) {
        parameter.add_(torch::randn_like(parameter) * 0.02 * best.abs().mean());
        CHECK(difference(from, into, photos) > fitted);
        parameter.copy_(best);
      }
    }
  }
  SECTION("the first norm is that of the half size") {
    CHECK(into->norms[0]->weight.equal(from->norms[1]->weight));
    CHECK(into->norms[0]->bias.equal(from->norms[1]->bias));
  }
}

TEST_CASE("only ends of the same width are fitted") {
  config::Architecture narrower = kInto;
  narrower.widths[1] = 6;
  const nn::StyleNet from(kFrom), same(kInto), other(narrower);
  CHECK(nn::can_fit_ends(from, same));
  CHECK_FALSE(nn::can_fit_ends(from, other));
  CHECK_FALSE(nn::can_fit_ends(from, from));
  CHECK_FALSE(nn::can_fit_ends(same, same));
  nn::StyleNet into = other;
  CHECK_THROWS_AS(nn::fit_ends(from, into, torch::rand({1, 3, 32, 32})), std::logic_error);
}
