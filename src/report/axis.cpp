// SPDX-License-Identifier: Apache-2.0
#include "report/axis.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>

namespace pocketstyle::report {
namespace {

constexpr double kRoom = 0.06;  // margin beyond the outermost values, as a fraction of the range
constexpr double kTiny = 1e-12;

std::vector<double> log_ticks(double low, double high, const std::vector<double>& digits) {
  std::vector<double> ticks;
  for (double decade = std::pow(10, std::floor(std::log10(low))); decade <= high; decade *= 10)
    for (const double digit : digits)
      if (digit * decade >= low && digit * decade <= high) ticks.push_back(digit * decade);
  return ticks;
}

std::vector<double> even_ticks(double low, double high, int most) {
  const double rough = (high - low) / most, decade = std::pow(10, std::floor(std::log10(rough)));
  double step = 10 * decade;
  for (const double digit : {5.0, 2.0, 1.0})
    if (digit * decade >= rough) step = digit * decade;
  std::vector<double> ticks;
  for (double n = std::ceil(low / step); n * step <= high; ++n) ticks.push_back(n * step);
  return ticks;
}

}  // namespace

Axis::Axis(double low, double high, bool logarithmic, double first_pixel, double last_pixel)
    : logarithmic_(logarithmic), first_pixel_(first_pixel), last_pixel_(last_pixel) {
  low_ = scaled(low);
  high_ = scaled(high);
  const double least = logarithmic ? 0.05 : std::max(std::abs(high) * 0.02, kTiny);
  const double room = std::max(kRoom * (high_ - low_), (least - (high_ - low_)) / 2);
  low_ -= room;
  high_ += room;
}

double Axis::scaled(double value) const {
  return logarithmic_ ? std::log10(std::max(value, kTiny)) : value;
}

double Axis::pixel(double value) const {
  return first_pixel_ + (last_pixel_ - first_pixel_) * (scaled(value) - low_) / (high_ - low_);
}

std::vector<double> Axis::ticks(int most) const {
  if (!logarithmic_) return even_ticks(low_, high_, most);
  const double low = std::pow(10, low_), high = std::pow(10, high_);
  std::vector<double> ticks;
  for (const auto& digits : {std::vector<double>{1, 2, 5}, {1, 3}, {1}}) {
    ticks = log_ticks(low, high, digits);
    if (std::ssize(ticks) <= most) break;
  }
  return ticks.size() < 2 ? even_ticks(low, high, most) : ticks;
}

std::string short_number(double value) {
  const double size = std::abs(value);
  if (size >= 1e9) return fmt::format("{:.3g}G", value / 1e9);
  if (size >= 1e6) return fmt::format("{:.3g}M", value / 1e6);
  if (size >= 1e4) return fmt::format("{:.3g}k", value / 1e3);
  return fmt::format("{:.4g}", size < kTiny ? 0.0 : value);
}

}  // namespace pocketstyle::report
