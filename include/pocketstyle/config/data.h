// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/config/field_info.h"

#include <cstdint>
#include <filesystem>

namespace pocketstyle::config {

/// The photos to train on and to validate with.
struct DataConfig {
  std::filesystem::path train;
  std::filesystem::path held_out;
  std::int64_t crop = 256;
  std::int64_t small_crop = 0;
  double small_share = 0.5;
  std::int64_t window_max = 360;
  double zoom = 2.0;
  double jitter = 0.1;
  std::int64_t min_side = 64;
  std::int64_t held_out_size = 256;
  std::int64_t held_out_photos = 12;
  std::int64_t workers = 1;
  std::int64_t cache_mb = 512;

  template <class V>
  void visit(V& v) {
    v.field("train", train,
            {.help = "folder of training photos, searched recursively (required)", .resume = Resume::may_change});
    v.field("held_out", held_out,
            {.help = "folder of validation photos, never trained on, for validation losses and previews; empty: none",
             .resume = Resume::may_change});
    v.field("crop", crop, {.help = "side of a training crop in pixels, a multiple of 4", .min = 16, .max = 4096});
    v.field(
        "small_crop", small_crop,
        {.help = "side of the smaller crops used early in training, a multiple of 4; photos are scaled as for crop. "
                 "0: use crop throughout",
         .min = 0,
         .max = 4096});
    v.field("small_share", small_share,
            {.help = "fraction of the steps, from the start, that use small_crop", .min = 0, .max = 1});
    v.field("window_max", window_max,
            {.help = "photos are resized to this short side in pixels; a crop is a random window of crop / zoom to "
                     "window_max pixels, resized to crop",
             .min = 16,
             .max = 8192});
    v.field(
        "zoom", zoom,
        {.help = "windows of crop / zoom pixels are enlarged too, so that a style also suits large photos, which are "
                 "smooth at this scale; 1: none are enlarged",
         .min = 1,
         .max = 16});
    v.field("jitter", jitter,
            {.help = "random contrast and saturation, 1 plus or minus this, and half as much brightness; 0: none",
             .min = 0,
             .max = 1});
    v.field("min_side", min_side,
            {.help = "skip photos whose short side is below this, in pixels", .min = 8, .max = 4096});
    v.field(
        "held_out_size", held_out_size,
        {.help = "short side of validation photos in pixels", .min = 16, .max = 4096, .resume = Resume::may_change});
    v.field("held_out_photos", held_out_photos,
            {.help = "maximum number of validation photos", .min = 1, .max = 100000, .resume = Resume::may_change});
    v.field("workers", workers,
            {.help = "threads that load photos in advance; 0: load them in the training thread",
             .min = 0,
             .max = 64,
             .resume = Resume::may_change,
             .per_process = true});
    v.field("cache_mb", cache_mb,
            {.help = "cache for decoded photos in MB",
             .min = 0,
             .max = kMany,
             .resume = Resume::may_change,
             .per_process = true});
  }
};

}  // namespace pocketstyle::config
