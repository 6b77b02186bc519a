// SPDX-License-Identifier: Apache-2.0
#include "evaluate/metric_rows.h"

#include "pocketstyle/evaluate/evaluate.h"
#include "pocketstyle/media/tensor.h"

namespace pocketstyle::evaluate {
namespace {

using results::Better, results::Metric;
using Value = std::optional<double>;

}  // namespace

std::span<const MetricRow> metric_rows() {
  static const MetricRow kRows[] = {
      {{"content", "content loss", "", Better::lower, "weighted content term of the perceptual loss"},
       [](Sample& s) -> Value { return s.loss().content; }},
      {{"style", "style loss", "", Better::lower, "weighted style term of the perceptual loss"},
       [](Sample& s) -> Value { return s.loss().style; }},
      {{"tv", "total variation", "", Better::lower, "weighted total variation term of the perceptual loss"},
       [](Sample& s) -> Value { return s.loss().tv; }},
      {{results::kHeadlineMetric, "total loss", "", Better::lower, "the perceptual loss, as training measures it"},
       [](Sample& s) -> Value { return s.loss().total(); }},
      {{"ssim", "SSIM", "", Better::higher, "structural similarity of the result's luminance to the photo's"},
       [](Sample& s) -> Value { return ssim(s.picture(), s.photo().picture()); }},
      {{"vgg_distance", "VGG distance", "", Better::lower, "LPIPS-like distance of result and photo, 0 to 2"},
       [](Sample& s) -> Value { return vgg_distance(s.features(), s.photo().features()); }},
      {{"brisque", "BRISQUE", "", Better::lower, "distortion by natural scene statistics, 0 to 100"},
       [](Sample& s) -> Value {
         if (!s.instruments().brisque) return {};
         return s.instruments().brisque->score(media::from_tensor_nchw255(s.picture()));
       },
       /*of_any_picture=*/true},
      {{"nima_mean", "NIMA mean", "", Better::higher, "rating that people would give, 1 to 10; with --nima"},
       [](Sample& s) -> Value { return s.nima() ? Value(s.nima()->mean) : Value(); },
       /*of_any_picture=*/true},
      {{"nima_spread", "NIMA spread", "", Better::neither, "standard deviation of those ratings; with --nima"},
       [](Sample& s) -> Value { return s.nima() ? Value(s.nima()->spread) : Value(); },
       /*of_any_picture=*/true},
      {{"border_error", "border error", "levels", Better::lower, "what the padding changes near the border", false},
       [](Sample& s) -> Value { return border_error(s.stylise(), s.photo().picture(), s.picture()); }},
      {{"border_line", "border line", "levels", Better::neither,
        "brightness of a frame that is drawn; dark is negative", false},
       [](Sample& s) -> Value { return border_line(s.picture(), s.photo().picture()); }},
      {{"grid_energy", "grid energy", "", Better::lower,
        "periods of 2 and 4 pixels against their neighbours; 1 is none"},
       [](Sample& s) -> Value { return grid_energy(s.picture()); },
       /*of_any_picture=*/true},
      {{"flicker", "flicker", "levels", Better::lower, "change of the result when the photo moves by a pixel"},
       [](Sample& s) -> Value { return flicker(s.stylise(), s.photo().picture()); }},
  };
  return kRows;
}

std::span<const Metric> metrics() {
  static const std::vector<Metric> all = [] {
    std::vector<Metric> metrics;
    for (const MetricRow& row : metric_rows()) metrics.push_back(row.metric);
    return metrics;
  }();
  return all;
}

}  // namespace pocketstyle::evaluate
