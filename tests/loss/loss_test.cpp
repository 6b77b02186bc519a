// SPDX-License-Identifier: Apache-2.0
#include "support/catch.h"
#include "support/golden.h"

#include "pocketstyle/loss/clamp.h"
#include "pocketstyle/loss/perceptual_loss.h"
#include "pocketstyle/loss/terms.h"

using namespace pocketstyle;
using testing::relative_error;

namespace {
constexpr double kTolerance = 1e-4;  // of float32 against the float64 reference

/// The loss with the reference's weights.
config::LossConfig reference_config() {
  config::LossConfig config;
  config.content = 1, config.style = 2, config.grid = 0;
  return config;
}

/// VGG-16 with zero padding, as in the reference.
nn::Vgg16 zero_padded() {
  return nn::Vgg16().with(nn::VggBorder::zeros);
}
}  // namespace

TEST_CASE("the golden pictures are the reference's") {
  const auto golden = testing::vgg_golden();
  CHECK(testing::golden_x().sum(torch::kFloat64).item<double>() == golden["input"]["x_sum"].get<double>());
  CHECK(testing::golden_y().sum(torch::kFloat64).item<double>() == golden["input"]["y_sum"].get<double>());
}

TEST_CASE("Gram matrices, style terms and total variation equal the reference", "[golden]") {
  const auto golden = testing::vgg_golden();
  const nn::Vgg16 vgg = zero_padded();
  const auto x = vgg.features(testing::golden_x(), nn::VggTap::relu4_3);
  const auto y = vgg.features(testing::golden_y(), nn::VggTap::relu4_3);
  for (std::size_t i = 0; i < x.size(); ++i) {
    const std::string tap(nn::kVggTapNames[i]);
    INFO(tap);
    const torch::Tensor gram = loss::gram_matrix(x[i]);
    CHECK(relative_error(gram.norm().item<double>(), golden["gram_frobenius_of_x"][tap]) < kTolerance);
    CHECK(relative_error(loss::gram_mse(gram, loss::gram_matrix(y[i])).item<double>(), golden["style_mse_x_y"][tap]) <
          kTolerance);
  }
  CHECK(relative_error((x[1] - y[1]).square().mean().item<double>(), golden["content_mse_relu2_2_x_y"]) < kTolerance);
  CHECK(relative_error(loss::total_variation(testing::golden_x()).item<double>(), golden["tv_sum_of_squares_x"]) <
        kTolerance);
}

TEST_CASE("the perceptual loss and its gradient equal the reference", "[golden]") {
  const auto golden = testing::vgg_golden();
  config::LossConfig config = reference_config();
  config.tv = 0;
  const loss::PerceptualLoss perceptual(config, zero_padded(), {testing::golden_y()});
  const torch::Tensor x = testing::golden_x().requires_grad_(true);
  const torch::Tensor total = perceptual(x, perceptual.content_features(testing::golden_y())).total();
  CHECK(relative_error(total.item<double>(), golden["loss_content1_style2_x_towards_y"]) < kTolerance);
  total.backward();
  const auto& expected = golden["gradient_wrt_x"];
  CHECK(relative_error(x.grad().norm().item<double>(), expected["norm"]) < kTolerance);
  CHECK(relative_error(x.grad().abs().mean().item<double>(), expected["mean_abs"]) < kTolerance);
  CHECK(relative_error(x.grad()[0][1][40][60].item<double>(), expected["at_0_1_40_60"]) < 1e-2);
}

TEST_CASE("the grid term sees patterns with a period of 2 or 4 pixels, and neither edges nor slopes") {
  const auto pattern = [](auto&& value) {
    torch::Tensor picture = torch::empty({1, 1, 70, 50});
    for (std::int64_t y = 0; y < 70; ++y)
      for (std::int64_t x = 0; x < 50; ++x) picture[0][0][y][x] = static_cast<float>(value(y, x));
    return picture;
  };
  const auto term = [&](auto&& value) { return loss::grid_pattern(pattern(value)).template item<double>(); };
  // A chequered pattern of amplitude 3 has a mean square of 9; a dot of 4 in each cell (4 / 16)^2 * (3/4 * 3/4) * 16.
  CHECK(term([](auto y, auto x) { return 100 + ((y + x) % 2 == 0 ? 3 : -3); }) == Approx(9));
  CHECK(term([](auto y, auto x) { return y % 4 == 1 && x % 4 == 2 ? 4 : 0; }) == Approx(0.5625));
  CHECK(term([](auto y, auto x) { return 2 * y - 3 * x; }) == Approx(0).margin(1e-6));
  CHECK(term([](auto y, auto x) { return y >= 33 ? 200 : x > 21 ? 90 : 20; }) < 0.25);
  CHECK(term([](auto, auto x) { return x % 4 == 0 ? 50 : 0; }) == Approx(0).margin(1e-6));  // stripes are strokes
  CHECK(term([](auto y, auto x) { return 50 * std::sin(0.9 * double(y)) * std::sin(1.1 * double(x)); }) < 3);

  config::LossConfig config = reference_config();
  config.grid = 5;
  config.tv = config.content = config.style.emplace(0);
  const loss::PerceptualLoss perceptual(config, zero_padded(), {testing::golden_y()});
  const torch::Tensor x = testing::golden_x();
  CHECK(perceptual.gradient(x, x).terms.grid == Approx(5 * loss::grid_pattern(x).item<double>()));
}

TEST_CASE("loss terms scale with their weights and do not depend on the batch") {
  config::LossConfig config = reference_config();
  config.tv = 1e-3;
  const loss::PerceptualLoss one(config, nn::Vgg16(), {testing::golden_y()});
  config.content *= 3;
  *config.style *= 5;
  config.tv *= 7;
  const loss::PerceptualLoss other(config, nn::Vgg16(), {testing::golden_y()});
  const torch::NoGradGuard no_grad;
  const torch::Tensor x = testing::golden_x();
  const torch::Tensor twice = torch::cat({x, x});
  const auto a = one(x, one.content_features(testing::golden_y()));
  const auto b = other(x, other.content_features(testing::golden_y()));
  const auto c = one(twice, one.content_features(torch::cat({testing::golden_y(), testing::golden_y()})));
  CHECK(relative_error(b.content.item<double>(), 3 * a.content.item<double>()) < kTolerance);
  CHECK(relative_error(b.style.item<double>(), 5 * a.style.item<double>()) < kTolerance);
  CHECK(relative_error(b.tv.item<double>(), 7 * a.tv.item<double>()) < kTolerance);
  CHECK(relative_error(c.total().item<double>(), a.total().item<double>()) < kTolerance);
}

TEST_CASE("the same picture as output, content and style has no loss") {
  config::LossConfig config = reference_config();
  config.tv = 0;
  const torch::Tensor x = testing::golden_x();
  const loss::PerceptualLoss perceptual(config, nn::Vgg16(), {x});
  const torch::NoGradGuard no_grad;
  CHECK(perceptual(x, perceptual.content_features(x)).total().item<double>() < 1e-3);
}

TEST_CASE("the written-out gradient is that of autograd, in bfloat16 roughly") {
  struct Case {
    torch::ScalarType type;
    std::int64_t height, width;  // multiples of 8, or with columns that max pooling drops
    double tolerance, gradient_tolerance;
  };
  // Small in bfloat16, which takes an AVX2 processor five times as long.
  const auto c = GENERATE(values<Case>({{torch::kFloat32, 96, 128, 1e-5, 1e-4},
                                        {torch::kFloat32, 96, 101, 1e-5, 1e-4},
                                        {torch::kBFloat16, 48, 64, 1e-2, 1e-1},
                                        {torch::kBFloat16, 48, 53, 1e-2, 1e-1}}));
  config::LossConfig config = reference_config();
  config.tv = 1e-3;
  const auto crop = [&c](const torch::Tensor& picture) { return picture.narrow(2, 0, c.height).narrow(3, 0, c.width); };
  const loss::PerceptualLoss perceptual(config, nn::Vgg16(), {crop(testing::golden_y())}, c.type);
  const torch::Tensor photos = crop(torch::cat({testing::golden_y(), testing::golden_x()}));
  torch::Tensor output = crop(torch::cat({testing::golden_x(), testing::golden_x().flip({3})})).clone();
  const loss::LossGradient found = perceptual.gradient(output, photos);

  output.requires_grad_(true);
  const loss::TensorTerms expected = perceptual(output, perceptual.content_features(photos));
  expected.total().backward();
  CHECK(relative_error(found.terms.content, expected.content.item<double>()) < c.tolerance);
  CHECK(relative_error(found.terms.style, expected.style.item<double>()) < c.tolerance);
  CHECK(relative_error(found.terms.tv, expected.tv.item<double>()) < c.tolerance);
  CHECK(((found.gradient - output.grad()).norm() / output.grad().norm()).item<double>() < c.gradient_tolerance);
}

TEST_CASE("layer shares and lessons have the gradient that autograd gives") {
  config::LossConfig config = reference_config();
  config.tv = 1e-3;
  config.content_layers = {0.5, 0, 2, 0};
  config.style_layers = {1, 0, 3, 0.5};
  const loss::PerceptualLoss perceptual(config, nn::Vgg16(), {testing::golden_y()});
  const torch::Tensor photos = testing::golden_y(), taught = testing::golden_y().flip({2});
  torch::Tensor output = testing::golden_x();
  const loss::LossGradient found = perceptual.gradient(output, photos, loss::DistillationTarget{taught, 50, 0.25});

  output.requires_grad_(true);
  const loss::TensorTerms terms = perceptual(output, perceptual.content_features(photos));
  const auto a = perceptual.vgg().features(output, nn::VggTap::relu3_3);
  const auto b = perceptual.vgg().features(taught, nn::VggTap::relu3_3);
  const torch::Tensor teacher =
      50 * (output - taught).square().mean() + 0.25 * ((a[1] - b[1]).square().mean() + (a[2] - b[2]).square().mean());
  (terms.total() + teacher).backward();
  CHECK(relative_error(found.terms.content, terms.content.item<double>()) < kTolerance);
  CHECK(relative_error(found.terms.style, terms.style.item<double>()) < kTolerance);
  CHECK(relative_error(found.terms.distillation, teacher.item<double>()) < kTolerance);
  CHECK(((found.gradient - output.grad()).norm() / output.grad().norm()).item<double>() < kTolerance);
}

TEST_CASE("a photo's features that are there already give the same gradient") {
  const loss::PerceptualLoss perceptual(reference_config(), nn::Vgg16(), {testing::golden_y()});
  const torch::Tensor output = testing::golden_x(), photo = testing::golden_y().flip({3});
  const loss::LossGradient once = perceptual.gradient(output, photo);
  const loss::LossGradient again = perceptual.gradient(output, perceptual.content_features(photo));
  CHECK(again.terms.content == Approx(once.terms.content));
  CHECK(again.terms.style == Approx(once.terms.style));
  CHECK(torch::allclose(again.gradient, once.gradient, 1e-4, 1e-4));
}

TEST_CASE("a layer's share scales its part of the loss, and no content layer means no content loss") {
  const torch::NoGradGuard no_grad;
  const auto style_of = [](const std::vector<double>& layers) {
    config::LossConfig config = reference_config();
    config.style_layers = layers;
    config.content_layers = {0, 0, 0, 0};
    const loss::PerceptualLoss perceptual(config, nn::Vgg16(), {testing::golden_y()});
    const auto terms = perceptual(testing::golden_x(), perceptual.content_features(testing::golden_y()));
    CHECK(terms.content.item<double>() == 0);
    return terms.style.item<double>();
  };
  CHECK(relative_error(style_of({1, 2, 0, 3}),
                       style_of({1, 0, 0, 0}) + 2 * style_of({0, 1, 0, 0}) + 3 * style_of({0, 0, 0, 1})) < kTolerance);
}

TEST_CASE("styles are blended by their Gram matrices") {
  const torch::NoGradGuard no_grad;
  config::LossConfig config = reference_config();
  const torch::Tensor x = testing::golden_x(), y = testing::golden_y();
  const auto style_of = [&](const std::vector<torch::Tensor>& styles, const std::vector<double>& shares) {
    const loss::PerceptualLoss perceptual(config, nn::Vgg16(), styles, torch::kFloat32, shares);
    return perceptual(x, perceptual.content_features(y)).style.item<double>();
  };
  const double alone = style_of({y}, {});
  CHECK(relative_error(style_of({x, y}, {0, 1}), alone) < kTolerance);
  CHECK(style_of({x, y}, {1, 0}) < 1e-6 * alone);
  // Halfway to x itself: the differences of the Grams are halved, their squares quartered.
  CHECK(relative_error(style_of({x, y}, {}), alone / 4) < kTolerance);
}

TEST_CASE("a gradient passes through the clamp, but not where it would lead further out") {
  const torch::Tensor output =
      torch::tensor({-1.0F, -1.0F, 0.0F, 0.0F, 100.0F, 100.0F, 255.0F, 255.0F, 256.0F, 256.0F});
  const torch::Tensor gradient = torch::tensor({2.0F, -2.0F, 2.0F, -2.0F, 2.0F, -2.0F, 2.0F, -2.0F, 2.0F, -2.0F});
  const torch::Tensor expected = torch::tensor({0.0F, -2.0F, 2.0F, -2.0F, 2.0F, -2.0F, 2.0F, -2.0F, 2.0F, 0.0F});
  CHECK(torch::equal(loss::gradient_through_clamp(gradient, output), expected));
  CHECK(gradient[0].item<float>() == 2);  // the argument stays as it was
}
