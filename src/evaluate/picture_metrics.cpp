// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/evaluate/picture_metrics.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/media/colors.h"

#include <algorithm>
#include <cmath>

namespace pocketstyle::evaluate {
namespace {

void require_side(const torch::Tensor& picture, std::int64_t side) {
  if (std::min(picture.size(2), picture.size(3)) < side)
    throw RuntimeFailure("a picture of {}x{}, expected {} pixels or more per side", picture.size(3), picture.size(2),
                         side);
}

/// double [H, W].
torch::Tensor luminance(const torch::Tensor& picture) {
  return media::luma(picture[0].to(torch::kFloat64));
}

/// Without this many rows at the top and bottom and columns at the left and right.
torch::Tensor inside(const torch::Tensor& x, std::int64_t rows, std::int64_t columns) {
  return x.slice(-2, rows, x.size(-2) - rows).slice(-1, columns, x.size(-1) - columns);
}

/// Mean over the pixels of [H, W] whose distance from the border is in [from, to).
double ring_mean(const torch::Tensor& x, std::int64_t from, std::int64_t to) {
  const torch::Tensor outer = inside(x, from, from), inner = inside(x, to, to);
  return (outer.sum() - inner.sum()).item<double>() / static_cast<double>(outer.numel() - inner.numel());
}

/// Mean absolute difference of two histograms' quantiles, which is their first Wasserstein distance.
double wasserstein(const torch::Tensor& a, const torch::Tensor& b) {
  const auto quantiles = [](const torch::Tensor& x) {
    constexpr std::int64_t kQuantiles = 1024;
    const torch::Tensor sorted = std::get<0>(x.flatten().sort());
    const torch::Tensor at = (torch::arange(kQuantiles, torch::kFloat64) + 0.5) / kQuantiles * sorted.numel();
    return sorted.index_select(0, at.to(torch::kInt64));
  };
  return (quantiles(a) - quantiles(b)).abs().mean().item<double>();
}

/// double [H, W], 0 for grey.
torch::Tensor chroma(const torch::Tensor& picture) {
  return (picture[0].amax(0) - picture[0].amin(0)).to(torch::kFloat64);
}

}  // namespace

double ssim(const torch::Tensor& a, const torch::Tensor& b) {
  constexpr std::int64_t kWindow = 11;
  constexpr double kSigma = 1.5, kC1 = 0.01 * 255 * 0.01 * 255, kC2 = 0.03 * 255 * 0.03 * 255;
  require_side(a, kWindow);
  const torch::Tensor at = torch::arange(kWindow, torch::kFloat64) - (kWindow - 1) / 2;
  torch::Tensor weights = torch::exp(-at * at / (2 * kSigma * kSigma));
  weights /= weights.sum();
  const auto blur = [&](const torch::Tensor& x) {
    return torch::conv2d(torch::conv2d(x.view({1, 1, x.size(0), x.size(1)}), weights.view({1, 1, 1, kWindow})),
                         weights.view({1, 1, kWindow, 1}));
  };
  const torch::Tensor x = luminance(a), y = luminance(b);
  const torch::Tensor mean_x = blur(x), mean_y = blur(y);
  const torch::Tensor variances = blur(x * x) - mean_x * mean_x + blur(y * y) - mean_y * mean_y;
  const torch::Tensor covariance = blur(x * y) - mean_x * mean_y;
  return ((2 * mean_x * mean_y + kC1) * (2 * covariance + kC2) /
          ((mean_x * mean_x + mean_y * mean_y + kC1) * (variances + kC2)))
      .mean()
      .item<double>();
}

double vgg_distance(const std::vector<torch::Tensor>& a, const std::vector<torch::Tensor>& b) {
  const auto unit = [](const torch::Tensor& features) {
    return features / features.square().sum(1, true).sqrt().add(1e-10);
  };
  double sum = 0;
  for (std::size_t tap = 0; tap < a.size(); ++tap)
    sum += (unit(a[tap]) - unit(b.at(tap))).square().sum(1).mean().item<double>();
  return sum / static_cast<double>(a.size());
}

double border_line(const torch::Tensor& output, const torch::Tensor& photo) {
  constexpr std::int64_t kLine = 4, kInside = 16;
  require_side(photo, 2 * kInside + 1);
  const auto step = [](const torch::Tensor& picture) {
    const torch::Tensor y = luminance(picture);
    return ring_mean(y, 0, kLine) - ring_mean(y, kLine, kInside);
  };
  return step(output) - step(photo);
}

double border_tint(const torch::Tensor& output) {
  constexpr std::int64_t kLine = 4, kInside = 16;
  require_side(output, 6 * kInside);
  const auto largest_step = [](const torch::Tensor& picture) {
    double largest = 0;
    for (const torch::Tensor& side : {picture, picture.flip({2, 3})})
      for (const int axis : {2, 3}) {
        const auto colour = [&](std::int64_t from, std::int64_t to) {
          return side.slice(axis, from, to).mean({0, 2, 3}, false, torch::kFloat64);
        };
        const torch::Tensor step = colour(0, kLine) - colour(kLine, kInside);
        largest = std::max(largest, step.abs().max().item<double>());
      }
    return largest;
  };
  const double within =
      (largest_step(inside(output, kInside, kInside)) + largest_step(inside(output, 2 * kInside, 2 * kInside))) / 2;
  return largest_step(output) - within;
}

double border_detail(const torch::Tensor& output, const torch::Tensor& photo) {
  constexpr std::int64_t kBand = 8, kInside = 32;
  require_side(photo, 2 * kInside + 2);
  const auto excess = [](const torch::Tensor& picture) {
    const torch::Tensor y = luminance(picture);
    const torch::Tensor across = (y.slice(0, 1) - y.slice(0, 0, -1)).abs();
    const torch::Tensor along = (y.slice(1, 1) - y.slice(1, 0, -1)).abs();
    const auto mean = [&](std::int64_t from, std::int64_t to) {
      return ring_mean(across, from, to) + ring_mean(along, from, to);
    };
    constexpr double kRounding = 1e-3;  // a flat picture has no detail anywhere
    return (mean(0, kBand) + kRounding) / (mean(kBand, kInside) + kRounding);
  };
  return excess(output) / excess(photo);
}

double luminance_distance(const torch::Tensor& a, const torch::Tensor& b) {
  return wasserstein(luminance(a), luminance(b));
}

double chroma_distance(const torch::Tensor& a, const torch::Tensor& b) {
  return wasserstein(chroma(a), chroma(b));
}

double grid_energy(const torch::Tensor& picture) {
  constexpr std::int64_t kTile = 64;
  constexpr double kRounding = 1.0 / 12;  // power of the noise from rounding to bytes: a weaker grid is invisible
  require_side(picture, kTile);
  const torch::Tensor tiles = luminance(picture).unfold(0, kTile, kTile / 2).unfold(1, kTile, kTile / 2);
  const torch::Tensor hann = torch::hann_window(kTile, torch::kFloat64);
  const torch::Tensor window = hann.view({kTile, 1}) * hann;
  const torch::Tensor spectra = torch::fft_fft2((tiles - tiles.mean({2, 3}, true)) * window);
  const torch::Tensor mean_power = torch::abs(spectra).square().mean({-4, -3}) / window.square().sum() + kRounding;
  const auto power = mean_power.accessor<double, 2>();
  const auto at = [&](std::int64_t v, std::int64_t u) { return power[(v + kTile) % kTile][(u + kTile) % kTile]; };

  double sum = 0;
  int points = 0;
  for (std::int64_t v = 0; v < kTile; v += kTile / 4)
    for (std::int64_t u = 0; u < kTile; u += kTile / 4) {
      if (u == 0 && v == 0) continue;
      std::vector<double> neighbours;
      for (const std::int64_t away : {-5, -4, -3, -2, 2, 3, 4, 5}) {  // the window spreads a frequency by 1
        // Edges in photos are mostly vertical or horizontal and raise the axes, so these are only compared along
        // themselves.
        if (u != 0) neighbours.push_back(at(v, u + away));
        if (v != 0) neighbours.push_back(at(v + away, u));
      }
      const auto middle = neighbours.begin() + static_cast<std::ptrdiff_t>(neighbours.size() / 2);
      std::nth_element(neighbours.begin(), middle, neighbours.end());
      sum += at(v, u) / *middle;
      ++points;
    }
  return sum / points;
}

double border_error(const Stylise& stylise, const torch::Tensor& photo, const torch::Tensor& output) {
  constexpr std::int64_t kMargin = 32, kBand = 8;  // multiples of 4, so that the network's strides stay aligned
  require_side(photo, 2 * kMargin + 4 * kBand);
  const torch::Tensor of_crop = stylise(inside(photo, kMargin, kMargin).contiguous());
  const torch::Tensor square = (of_crop - inside(output, kMargin, kMargin)).to(torch::kFloat64).square().mean({-4, -3});
  const double at_border = ring_mean(square, 0, kBand);
  const double in_centre = inside(square, square.size(0) / 4, square.size(1) / 4).mean().item<double>();
  return std::copysign(std::sqrt(std::abs(at_border - in_centre)), at_border - in_centre);
}

double flicker(const Stylise& stylise, const torch::Tensor& photo) {
  constexpr std::int64_t kLess = 4;  // keeps the sides multiples of 4
  require_side(photo, 4 * kLess);
  const auto part = [](const torch::Tensor& x, std::int64_t from, std::int64_t less) {
    return x.slice(2, from, x.size(2) - less + from).slice(3, from, x.size(3) - less + from);
  };
  const torch::Tensor here = stylise(part(photo, 0, kLess).contiguous());
  const torch::Tensor moved = stylise(part(photo, 1, kLess).contiguous());
  return (part(here, 1, 1) - part(moved, 0, 1)).abs().mean().item<double>();
}

}  // namespace pocketstyle::evaluate
