// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/optimize/optimize.h"

#include "support/catch.h"
#include "support/small_run.h"

#include "pocketstyle/media/tensor.h"

#include <limits>

using namespace pocketstyle;
using testing::contains;
using testing::error_of;

namespace {

torch::Tensor picture(std::uint64_t seed, std::int64_t width, std::int64_t height) {
  return media::to_tensor_nchw255(testing::synthetic_photo(seed, width, height));
}

config::LossConfig small_config() {
  config::LossConfig config;
  config.style = 2;
  return config;
}

const loss::PerceptualLoss& small_loss() {
  static const loss::PerceptualLoss loss(small_config(), nn::Vgg16(), {picture(2, 40, 40)});
  return loss;
}

optimize::Optimized optimised(const optimize::Options& options, std::vector<optimize::Progress>* seen = nullptr) {
  return optimize::optimize(small_loss(), picture(1, 48, 36), options, [&](const optimize::Progress& progress) {
    if (seen != nullptr) seen->push_back(progress);
    return true;
  });
}

}  // namespace

TEST_CASE("L-BFGS lowers the loss further than Adam in as many evaluations") {
  constexpr std::int64_t kEvaluations = 60;
  std::vector<optimize::Progress> seen;
  const auto lbfgs = optimised({.evaluations = kEvaluations}, &seen);
  REQUIRE(seen.size() == kEvaluations);
  CHECK(lbfgs.evaluations == kEvaluations);
  for (std::size_t i = 1; i < seen.size(); ++i) {
    CHECK(seen[i].evaluations == static_cast<std::int64_t>(i) + 1);
    CHECK(seen[i].best.total() <= seen[i - 1].best.total());
    CHECK(seen[i].best.total() <= seen[i].now.total());
  }
  CHECK(lbfgs.best.total() < 0.15 * lbfgs.start.total());
  const auto adam = optimised({.method = optimize::Method::adam, .evaluations = kEvaluations});
  CHECK(adam.start.total() == Approx(lbfgs.start.total()));
  CHECK(adam.best.total() < 0.2 * adam.start.total());
  CHECK(lbfgs.best.total() < adam.best.total());
}

TEST_CASE("the picture that is kept has the best loss that was told") {
  const auto result = optimised({.evaluations = 15});
  CHECK(result.picture_nchw255.sizes() == torch::IntArrayRef({1, 3, 36, 48}));
  const auto found =
      optimize::losses_of(small_loss(), result.picture_nchw255, small_loss().content_features(picture(1, 48, 36)));
  CHECK(found.content == Approx(result.best.content).epsilon(1e-3));
  CHECK(found.style == Approx(result.best.style).epsilon(1e-3));
  CHECK(found.tv == Approx(result.best.tv).epsilon(1e-3));
}

TEST_CASE("from noise the picture is a function of the seed") {
  const auto from = [](std::uint64_t seed) {
    return optimised({.start = optimize::Start::noise, .seed = seed, .evaluations = 4}).picture_nchw255;
  };
  const torch::Tensor first = from(5);
  CHECK(torch::equal(first, from(5)));
  CHECK_FALSE(torch::equal(first, from(6)));
  const auto photo = optimised({.evaluations = 1});
  CHECK(torch::allclose(photo.picture_nchw255, picture(1, 48, 36), /*rtol=*/0, /*atol=*/0.01));
  CHECK(photo.start.content < 1e-3);
}

TEST_CASE("the loss that is reached is that of the picture as it is saved, for a strong style too") {
  config::LossConfig strong = small_config();
  strong.style = 200;
  const loss::PerceptualLoss loss(strong, nn::Vgg16(), {3 * (picture(2, 40, 40) - 127.5) + 127.5});
  const auto result =
      optimize::optimize(loss, picture(1, 48, 36), {.evaluations = 60}, [](const optimize::Progress&) { return true; });
  CHECK(result.picture_nchw255.min().item<float>() >= -4);
  CHECK(result.picture_nchw255.max().item<float>() <= 259);
  const auto saved =
      optimize::losses_of(loss, result.picture_nchw255.clamp(0, 255), loss.content_features(picture(1, 48, 36)));
  CHECK(saved.total() < 1.1 * result.best.total());
}

TEST_CASE("it ends when it is told to, and the best so far is kept") {
  const auto method = GENERATE(optimize::Method::lbfgs, optimize::Method::adam);
  std::int64_t heard = 0;
  const auto result = optimize::optimize(small_loss(), picture(1, 32, 32), {.method = method, .evaluations = 50},
                                         [&](const optimize::Progress&) { return ++heard < 3; });
  CHECK(heard == 3);
  CHECK(result.evaluations == 3);
  CHECK(result.best.total() <= result.start.total());
  CHECK(result.picture_nchw255.defined());
}

TEST_CASE("a loss that is not finite is an error, not a picture") {
  const torch::Tensor photo = torch::full({1, 3, 16, 16}, std::numeric_limits<float>::quiet_NaN());
  const std::string error =
      error_of([&] { optimize::optimize(small_loss(), photo, {}, [](const optimize::Progress&) { return true; }); });
  CHECK(contains(error, "runtime: the loss of the picture is not finite at evaluation 1"));
}
