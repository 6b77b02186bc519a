// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "support/temp_dir.h"

#include "pocketstyle/config/config.h"
#include "pocketstyle/core/random.h"
#include "pocketstyle/media/image.h"

#include <string>

namespace pocketstyle::testing {

inline media::Image synthetic_photo(std::uint64_t seed, std::int64_t width, std::int64_t height) {
  media::Image small(8, 6);
  CounterRandom random(seed, 0);
  for (auto& value : small.rgb_hwc) value = static_cast<std::uint8_t>(random.integer(0, 255));
  return media::resize(small, width, height);
}

/// A folder with photos and a style, and the smallest configuration that trains on them.
struct SmallRun {
  TempDir folder;
  config::Config config;
  SmallRun() {
    for (std::uint64_t i = 0; i < 5; ++i)
      media::save_image(folder / ("train/" + std::to_string(i) + ".png"), synthetic_photo(i, 64, 48));
    media::save_image(folder / "held/a.png", synthetic_photo(90, 64, 48));
    media::save_image(folder / "style.png", synthetic_photo(91, 48, 48));
    config.net = {.preset = "micro", .kernel = 3, .widths = {{4, 6, 8}}, .block = {}, .blocks = 2, .mid = 4};
    config.style.image = folder / "style.png";
    config.style.size = 48;
    config.data.train = folder / "train";
    config.data.held_out = folder / "held";
    config.data.crop = 16;
    config.data.window_max = 24;
    config.data.zoom = 1;
    config.data.jitter = 0;
    config.loss.grid = 0;
    config.data.min_side = 8;
    config.data.held_out_size = 16;
    config.train.steps = 6;
    config.train.init = config::kInitNone;
    config.train.batch = 2;
    config.train.warmup = 2;
    config.run.folder = folder / "run";
    config.run.precision = "fp32";  // the same on every processor
    config.run.checkpoint_every = 2;
    config.run.log_every = 1;
    config.run.evaluate_every = 3;
    config.run.preview_every = 3;
    config.run.keep = 2;
  }
};

}  // namespace pocketstyle::testing
