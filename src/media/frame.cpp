// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/media/frame.h"

#include "pocketstyle/media/colors.h"

#include <cmath>

namespace pocketstyle::media {
namespace {

constexpr double kDark = 40, kLight = 215;  // luminance, 0..255
constexpr double kEven = 14;                // maximum standard deviation of a frame's line
constexpr std::int64_t kSearchedPart = 10;  // search a tenth of the picture on each side

double luminance(const Image& image, std::int64_t x, std::int64_t y) {
  const std::uint8_t* rgb = &image.rgb_hwc[static_cast<std::size_t>((y * image.width + x) * 3)];
  return luma(rgb);
}

/// `at(i)`: luminance along the line. Its ends, where it crosses the frame's other sides, are ignored.
template <class F>
bool is_frame_line(std::int64_t length, const F& at) {
  const std::int64_t end = length / kSearchedPart;
  double sum = 0, squares = 0;
  for (std::int64_t i = end; i < length - end; ++i) {
    const double value = at(i);
    sum += value;
    squares += value * value;
  }
  const auto count = static_cast<double>(length - 2 * end);
  const double mean = sum / count, variance = std::max(0.0, squares / count - mean * mean);
  return (mean < kDark || mean > kLight) && variance < kEven * kEven;
}

/// The number of lines to crop; `is_frame(i)`: whether the i-th line from the edge belongs to the frame.
template <class F>
std::int64_t depth(std::int64_t size, const F& is_frame) {
  std::int64_t found = 0;
  for (std::int64_t i = 0; i < size / kSearchedPart; ++i)
    if (is_frame(i)) found = i + 1;
  return found;
}

}  // namespace

Margins find_frame(const Image& image) {
  const std::int64_t w = image.width, h = image.height;
  const auto row = [&](std::int64_t y) {
    return is_frame_line(w, [&](std::int64_t x) { return luminance(image, x, y); });
  };
  const auto column = [&](std::int64_t x) {
    return is_frame_line(h, [&](std::int64_t y) { return luminance(image, x, y); });
  };
  return {.left = depth(w, column),
          .top = depth(h, row),
          .right = depth(w, [&](std::int64_t i) { return column(w - 1 - i); }),
          .bottom = depth(h, [&](std::int64_t i) { return row(h - 1 - i); })};
}

Image without_margins(const Image& image, const Margins& margins) {
  return crop(image, margins.left, margins.top, image.width - margins.left - margins.right,
              image.height - margins.top - margins.bottom);
}

}  // namespace pocketstyle::media
