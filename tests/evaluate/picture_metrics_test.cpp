// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/evaluate/picture_metrics.h"

#include "support/catch.h"
#include "support/small_run.h"

#include "pocketstyle/core/files.h"
#include "pocketstyle/media/quality.h"
#include "pocketstyle/media/tensor.h"
#include "pocketstyle/nn/vgg16.h"

#include <optional>

using namespace pocketstyle;
using testing::contains;
using testing::error_of;

namespace {

torch::Tensor noise(std::int64_t height, std::int64_t width, double deviation) {
  torch::manual_seed(3);
  return 128 + deviation * torch::randn({1, 3, height, width});
}

/// `amplitude` or its negative, alternating every half period, along one axis.
torch::Tensor stripes(std::int64_t side, std::int64_t period, double amplitude) {
  const torch::Tensor at = torch::arange(side).remainder(period).lt(period / 2);
  return (at.to(torch::kFloat32) * 2 - 1).mul(amplitude).view({1, 1, 1, side}).expand({1, 3, side, side});
}

torch::Tensor photo() {
  return media::to_tensor_nchw255(media::load_image(find_asset("photos/val/city10.jpg")));
}

const evaluate::Stylise kIdentity = [](const torch::Tensor& x) { return x; };

}  // namespace

TEST_CASE("ssim of flat and of inverted pictures is the formula's") {
  const auto flat = [](double level) { return torch::full({1, 3, 20, 24}, level); };
  CHECK(evaluate::ssim(noise(32, 32, 30), noise(32, 32, 30)) == Approx(1));
  // Only the luminance term remains: (2ab + C1) / (a^2 + b^2 + C1), C1 = 6.5025.
  CHECK(evaluate::ssim(flat(100), flat(150)) == Approx(30006.5025 / 32506.5025));
  const torch::Tensor x = noise(64, 64, 90);
  CHECK(evaluate::ssim(x, 256 - x) == Approx(-1).margin(0.06));
  CHECK(contains(error_of([] {
                   evaluate::ssim(torch::zeros({1, 3, 10, 90}), torch::zeros({1, 3, 10, 90}));
                 }),
                 "90x10, expected 11 pixels"));
}

TEST_CASE("the distance of features is twice one minus their cosine") {
  const auto features = [](float first, float second) { return torch::tensor({first, second}).view({1, 2, 1, 1}); };
  CHECK(evaluate::vgg_distance({features(3, 0)}, {features(0, 5)}) == Approx(2));
  CHECK(evaluate::vgg_distance({features(3, 0), features(1, 1)}, {features(1, 0), features(2, 0)}) ==
        Approx((2 - std::sqrt(2)) / 2));
}

TEST_CASE("the distance of pictures grows with noise") {
  const nn::Vgg16 vgg(find_asset("vgg16/vgg16_conv4_3.safetensors"));
  const torch::Tensor picture = photo().slice(2, 0, 64).slice(3, 0, 64);
  const auto distance_at = [&](double deviation) {
    const auto taps = [&](const torch::Tensor& x) { return vgg.features(x, nn::VggTap::relu4_3); };
    torch::manual_seed(1);
    return evaluate::vgg_distance(taps(picture), taps(picture + deviation * torch::randn_like(picture)));
  };
  CHECK(distance_at(0) == Approx(0).margin(1e-9));
  CHECK(distance_at(5) > 0.001);
  CHECK(distance_at(40) > 2 * distance_at(5));
  CHECK(distance_at(40) < 2);
}

TEST_CASE("a frame that is drawn shows in levels") {
  torch::Tensor framed = noise(64, 80, 0) - 30;
  CHECK(evaluate::border_line(framed, framed) == Approx(0).margin(1e-6));
  framed.slice(2, 4, 60).slice(3, 4, 76) += 30;
  CHECK(evaluate::border_line(framed, noise(64, 80, 0)) == Approx(-30));
  CHECK(evaluate::border_line(framed, framed) == Approx(0).margin(1e-6));  // the photo's own frame is no error
}

TEST_CASE("a side of another colour shows, strokes alone do not") {
  const torch::Tensor picture = noise(128, 160, 20);
  CHECK(evaluate::border_tint(picture) == Approx(0).margin(4));
  for (const int axis : {2, 3})
    for (const bool last : {false, true}) {
      torch::Tensor tinted = picture.clone();
      tinted.slice(1, 0, 1).slice(axis, last ? -4 : 0, last ? picture.size(axis) : 4) += 40;
      CHECK(evaluate::border_tint(tinted) == Approx(40).margin(6));
    }
  CHECK(contains(error_of([] { evaluate::border_tint(noise(95, 100, 1)); }), "96 pixels"));
}

TEST_CASE("a border without detail shows, whatever the photo has there") {
  const torch::Tensor picture = noise(128, 160, 30);
  CHECK(evaluate::border_detail(picture, picture) == 1);
  CHECK(evaluate::border_detail(noise(128, 160, 60), picture) == Approx(1).margin(0.1));
  torch::Tensor flat = picture.clone();
  for (const int axis : {2, 3}) {
    flat.slice(axis, 0, 9).fill_(100);
    flat.slice(axis, -9).fill_(100);
  }
  CHECK(evaluate::border_detail(flat, picture) < 0.05);
  CHECK(evaluate::border_detail(flat, flat) == 1);  // so is the photo
  CHECK(contains(error_of([] { evaluate::border_detail(noise(65, 90, 1), noise(65, 90, 1)); }), "66 pixels"));
}

TEST_CASE("distances of histograms are in levels, and do not depend on where pixels are") {
  const torch::Tensor picture = noise(64, 80, 30);
  CHECK(evaluate::luminance_distance(picture, picture.flip({2, 3})) == 0);
  CHECK(evaluate::luminance_distance(picture, picture + 12) == Approx(12));
  CHECK(evaluate::luminance_distance(picture.repeat({1, 1, 2, 1}), picture) == Approx(0).margin(0.1));
  CHECK(evaluate::chroma_distance(picture, picture + 12) == Approx(0).margin(1e-4));
  CHECK(evaluate::luminance_distance(torch::zeros({1, 3, 8, 8}), torch::full({1, 3, 4, 4}, 200.0)) == Approx(200));
  torch::Tensor red = torch::zeros({1, 3, 8, 8});
  red.select(1, 0) = 90;
  CHECK(evaluate::chroma_distance(red, torch::full({1, 3, 8, 8}, 50.0)) == 90);
}

TEST_CASE("grids of periods 2 and 4 stand out, everything else does not") {
  CHECK(evaluate::grid_energy(torch::full({1, 3, 128, 128}, 77.0)) == Approx(1));
  const double plain = evaluate::grid_energy(noise(256, 256, 20));
  CHECK(plain == Approx(1).margin(0.25));
  CHECK(evaluate::grid_energy(photo()) == Approx(1).margin(0.5));
  CHECK(evaluate::grid_energy(noise(256, 256, 20) + stripes(256, 2, 20)) > 5 * plain);
  CHECK(evaluate::grid_energy(noise(256, 256, 20) + stripes(256, 4, 20).transpose(2, 3)) > 5 * plain);
  CHECK(evaluate::grid_energy(noise(256, 256, 20) + stripes(256, 2, 1) * stripes(256, 2, 20).transpose(2, 3)) >
        5 * plain);
  CHECK(evaluate::grid_energy(noise(256, 256, 20) + stripes(256, 8, 20)) < 5 * plain);
  // Variation along with the content is not a grid, however strong.
  CHECK(evaluate::grid_energy(noise(256, 256, 90)) == Approx(plain).margin(0.1));
  // Each pixel doubled twice: blocks that follow the content have zeros at these frequencies.
  const torch::Tensor doubled = noise(64, 64, 30).repeat_interleave(4, 2).repeat_interleave(4, 3);
  CHECK(evaluate::grid_energy(doubled) < 1);
  CHECK(contains(error_of([] { evaluate::grid_energy(torch::zeros({1, 3, 63, 90})); }), "64 pixels"));
}

TEST_CASE("padding shows at the border, and a change of the whole picture does not") {
  const torch::Tensor picture = noise(128, 128, 30);
  const auto error_of_net = [&](const evaluate::Stylise& net) {
    return evaluate::border_error(net, picture, net(picture));
  };
  CHECK(error_of_net(kIdentity) == 0.0);
  // As with instance norm: other statistics change levels everywhere. The 64 pixels of the crop get 10 more.
  CHECK(error_of_net([](const torch::Tensor& x) { return x + (x.size(2) == 128 ? 0 : 10); }) == Approx(0).margin(0.01));
  // A frame of 8 pixels that is 20 levels too dark, only on the crop's border, with and without a change of the whole.
  const auto framed = [](const torch::Tensor& x) {
    torch::Tensor y = x - 20;
    y.slice(2, 8, -8).slice(3, 8, -8) += 20;
    return y;
  };
  CHECK(error_of_net(framed) == Approx(20));
  CHECK(error_of_net([&](const torch::Tensor& x) { return framed(x) + x.size(2) / 100.0; }) == Approx(20).margin(0.7));
  CHECK(contains(error_of([&] { evaluate::border_error(kIdentity, noise(95, 128, 1), noise(95, 128, 1)); }),
                 "96 pixels"));
}

TEST_CASE("a network that moves with the photo does not flicker") {
  const torch::Tensor picture = noise(64, 96, 30);
  CHECK(evaluate::flicker(kIdentity, picture) == 0.0);
  // A fixed pattern: of two diagonal neighbours, it adds 10 to both or to none.
  const auto fixed = [](std::int64_t period) {
    return [=](const torch::Tensor& x) {
      return x + stripes(128, period, 5).slice(2, 0, x.size(2)).slice(3, 0, x.size(3));
    };
  };
  CHECK(evaluate::flicker(fixed(2), picture) == Approx(10));
  CHECK(evaluate::flicker(fixed(4), picture) == Approx(5).margin(0.1));
}

TEST_CASE("brisque is low for a photo and higher for one that is blurred or noisy") {
  std::optional<media::Brisque> brisque;
  try {
    brisque.emplace();
  } catch (const DataError& error) {
    SKIP_TEST(error.what());
  }
  const media::Image clean = media::from_tensor_nchw255(photo());
  const double score = brisque->score(clean);
  CHECK(score < 40);
  CHECK(score > -10);
  torch::manual_seed(2);
  CHECK(brisque->score(media::from_tensor_nchw255(photo() + 40 * torch::randn_like(photo()))) > score + 10);
  const media::Image small = media::resize(clean, clean.width / 6, clean.height / 6);
  CHECK(brisque->score(media::resize(small, clean.width, clean.height)) > score + 10);
}
