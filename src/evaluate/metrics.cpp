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
      {{"loss_ratio", "loss ratio", "", Better::lower,
        "total loss over that of the picture optimised for the photo, the limit; with --optimize"},
       [](Sample& s) -> Value {
         if (s.instruments().optimizing == 0) return {};
         return s.loss().total() / s.photo().optimized_loss();
       }},
      {{"style_reached", "style reached", "", Better::higher,
        "share of the photo's own style loss that is gone; 1: nothing of the photo's texture is left"},
       [](Sample& s) -> Value { return 1 - s.loss().style / s.photo().unchanged_loss().style; }},
      {{"ssim", "SSIM", "", Better::higher, "structural similarity of the result's luminance to the photo's"},
       [](Sample& s) -> Value { return ssim(s.picture(), s.photo().picture()); }},
      {{"vgg_distance", "VGG distance", "", Better::lower, "LPIPS-like distance of result and photo, 0 to 2"},
       [](Sample& s) -> Value { return vgg_distance(s.features(), s.photo().features()); }},
      {{"lpips", "LPIPS", "", Better::lower, "learned perceptual distance of result and photo; needs --lpips"},
       [](Sample& s) -> Value {
         if (!s.instruments().lpips) return {};
         return s.instruments().lpips->distance(s.picture(), s.photo().picture());
       }},
      {{"brisque", "BRISQUE", "", Better::lower, "distortion by natural scene statistics, 0 to 100"},
       [](Sample& s) -> Value {
         if (!s.instruments().brisque) return {};
         return s.instruments().brisque->score(media::from_tensor_nchw255(s.picture()));
       },
       /*of_any_picture=*/true},
      {{"nima_mean", "NIMA mean", "", Better::higher, "predicted human rating, 1 to 10; needs --nima"},
       [](Sample& s) -> Value { return s.nima() ? Value(s.nima()->mean) : Value(); },
       /*of_any_picture=*/true},
      {{"nima_spread", "NIMA spread", "", Better::neither, "standard deviation of the predicted ratings; needs --nima"},
       [](Sample& s) -> Value { return s.nima() ? Value(s.nima()->spread) : Value(); },
       /*of_any_picture=*/true},
      {{"border_error", "border error", "levels", Better::lower, "change that padding causes near the border", false},
       [](Sample& s) -> Value { return border_error(s.stylise(), s.photo().picture(), s.picture()); }},
      {{"border_line", "border line", "levels", Better::neither,
        "brightness of any frame drawn at the border; negative if dark", false},
       [](Sample& s) -> Value { return border_line(s.picture(), s.photo().picture()); }},
      {{"border_tint", "border tint", "levels", Better::lower, "how far the colour of one of the four sides stands out",
        false},
       [](Sample& s) -> Value { return border_tint(s.picture()); }},
      {{"border_detail", "border detail", "", Better::neither,
        "detail in the outermost 8 pixels relative to the pixels inside; 1: nothing to see at the border"},
       [](Sample& s) -> Value { return border_detail(s.picture(), s.photo().picture()); }},
      {{"luminance_distance", "luminance distance", "levels", Better::lower,
        "distance of the histograms of luminance: result and style picture"},
       [](Sample& s) -> Value { return luminance_distance(s.picture(), s.instruments().style_nchw255); }},
      {{"chroma_distance", "chroma distance", "levels", Better::lower,
        "distance of the histograms of chroma: result and style picture"},
       [](Sample& s) -> Value { return chroma_distance(s.picture(), s.instruments().style_nchw255); }},
      {{"grid_energy", "grid energy", "", Better::lower,
        "power at periods of 2 and 4 pixels relative to neighbouring ones; 1: no grid"},
       [](Sample& s) -> Value { return grid_energy(s.picture()); },
       /*of_any_picture=*/true},
      {{"flicker", "flicker", "levels", Better::lower, "change of the result when the photo is shifted by a pixel"},
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
