// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/config/field_info.h"

#include <filesystem>
#include <optional>
#include <vector>

namespace pocketstyle::config {

/// The perceptual loss.
struct LossConfig {
  std::filesystem::path vgg;
  double strength = 1.0;
  double content = 1.0;
  std::optional<double> style;
  double tv = 1e-6;
  double grid = 1e5;
  std::vector<double> content_layers = {0, 1, 0, 0};
  std::vector<double> style_layers = {1, 1, 1, 1};

  template <class V>
  void visit(V& v) {
    v.field("vgg", vgg, {.help = "VGG-16 weights (safetensors); empty: the shipped file"});
    v.field("strength", strength,
            {.help = "how strong the style is, comparable across style pictures: 0.5 subtle, 1 clear, 2 bold",
             .min = 0.01,
             .max = 100});
    v.field("content", content, {.help = "weight of the content loss", .min = 0, .max = kMany});
    v.field("style", style,
            {.help = "weight of the style loss (Gram/(C*H*W), input 0..255); unset: derived from strength",
             .min = 0,
             .max = kMany});
    v.field("tv", tv, {.help = "weight of the total variation loss", .min = 0, .max = kMany});
    v.field(
        "grid", grid,
        {.help = "weight of the grid term: patterns with a period of 2 or 4 pixels, which upsampling leaves; 0: none",
         .min = 0,
         .max = kMany});
    v.field(
        "content_layers", content_layers,
        {.help = "content loss weights of relu1_2, relu2_2, relu3_3 and relu4_3", .min = 0, .max = kMany, .length = 4});
    v.field("style_layers", style_layers,
            {.help = "style loss weights of the same layers", .min = 0, .max = kMany, .length = 4});
  }
};

}  // namespace pocketstyle::config
