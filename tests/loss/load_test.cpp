// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/loss/load.h"

#include "support/catch.h"
#include "support/temp_dir.h"

#include "pocketstyle/data/photos.h"
#include "pocketstyle/media/image.h"

#include <algorithm>

using namespace pocketstyle;

namespace {

/// A picture of squares in two colours.
media::Image checkered(int side, int square, std::uint8_t dark, std::uint8_t light) {
  media::Image image(side, side);
  for (int y = 0; y < side; ++y)
    for (int x = 0; x < side; ++x)
      for (int c = 0; c < 3; ++c)
        image.rgb_hwc[static_cast<std::size_t>((y * side + x) * 3 + c)] =
            (x / square + y / square + c) % 2 == 0 ? dark : light;
  return image;
}

struct Setup {
  Setup() {
    for (const int i : {0, 1, 2})
      media::save_image(folder / ("photos/" + std::to_string(i) + ".png"),
                        checkered(80, 20 + 8 * i, 90, static_cast<std::uint8_t>(140 + 10 * i)));
    media::save_image(folder / "bold.png", checkered(96, 6, 0, 255));
    media::save_image(folder / "soft.png", checkered(96, 12, 100, 160));
    config.data.train = folder / "photos";
    config.data.crop = 64;
    config.style.size = 96;
    config.style.trim = false;
  }
  double weight(const char* style) {
    config.style.image = folder / style;
    return loss::load_loss(config, vgg).style_weight();
  }
  testing::TempDir folder;
  config::Config config;
  nn::Vgg16 vgg;
};

}  // namespace

TEST_CASE("equal strength gives photos the same style term, whatever the style") {
  Setup setup;
  const torch::Tensor photos = data::load_reference_photos(setup.config.data);
  CHECK(photos.sizes().vec() == std::vector<std::int64_t>{3, 3, 64, 64});
  double terms[2] = {};
  std::size_t i = 0;
  for (const char* style : {"bold.png", "soft.png"}) {
    setup.config.style.image = setup.folder / style;
    const auto loss = loss::load_loss(setup.config, setup.vgg);
    terms[i++] = loss.style_weight() * loss.unweighted_style(photos);
  }
  CHECK(terms[0] == Approx(terms[1]));
  CHECK(setup.weight("soft.png") > 2 * setup.weight("bold.png"));
}

TEST_CASE("the style weight grows with the fourth power of strength, and an explicit one goes before") {
  Setup setup;
  const double once = setup.weight("bold.png");
  setup.config.loss.strength = 2;
  CHECK(setup.weight("bold.png") == Approx(16 * once));
  setup.config.loss.style = 7;
  CHECK(setup.weight("bold.png") == 7);
  CHECK(loss::load_loss(setup.config, setup.vgg, torch::kFloat32, 0.25).style_weight() == 0.25);
}
