// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/media/image.h"

#include "media/mat.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/media/colors.h"

#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <cmath>

namespace pocketstyle::media {
namespace {

void require_same_size(const Image& a, const Image& b) {
  if (a.width != b.width || a.height != b.height)
    throw RuntimeFailure("pictures of {}x{} and {}x{}: expected equal sizes", a.width, a.height, b.width, b.height);
}

Image scaled(const Image& image, double factor) {
  const auto side = [&](std::int64_t n) {
    return std::max<std::int64_t>(1, std::llround(static_cast<double>(n) * factor));
  };
  return resize(image, side(image.width), side(image.height));
}

}  // namespace

Image resize(const Image& image, std::int64_t width, std::int64_t height) {
  if (width == image.width && height == image.height) return image;
  Image result(width, height);
  cv::Mat target = view_of(result);
  const bool smaller = width * height < image.width * image.height;
  cv::resize(view_of(image), target, target.size(), 0, 0, smaller ? cv::INTER_AREA : cv::INTER_CUBIC);
  return result;
}

Image resize_short_side(const Image& image, std::int64_t side) {
  return scaled(image, static_cast<double>(side) / static_cast<double>(std::min(image.width, image.height)));
}

Image resize_long_side(const Image& image, std::int64_t side) {
  return scaled(image, static_cast<double>(side) / static_cast<double>(std::max(image.width, image.height)));
}

Image crop(const Image& image, std::int64_t left, std::int64_t top, std::int64_t width, std::int64_t height) {
  const cv::Rect window(static_cast<int>(left), static_cast<int>(top), static_cast<int>(width),
                        static_cast<int>(height));
  Image result(width, height);
  view_of(image)(window).copyTo(view_of(result));
  return result;
}

Image flip_horizontally(const Image& image) {
  Image result(image.width, image.height);
  cv::flip(view_of(image), view_of(result), 1);
  return result;
}

Image adjust(const Image& image, double contrast, double saturation, double brightness) {
  // One matrix a pixel: the luma's share goes to every channel, and what is left of saturation to its own.
  const double grey = contrast * (1 - saturation), own = contrast * saturation,
               shift = 127.5 * (1 - contrast) + brightness;
  const double r = grey * kLumaShares[0], g = grey * kLumaShares[1], b = grey * kLumaShares[2];
  const cv::Matx34d matrix(r + own, g, b, shift, r, g + own, b, shift, r, g, b + own, shift);
  Image result(image.width, image.height);
  cv::transform(view_of(image), view_of(result), matrix);
  return result;
}

double contrast(const Image& image) {
  cv::Scalar mean, deviation;
  cv::meanStdDev(view_of(image), mean, deviation);
  return std::max({deviation[0], deviation[1], deviation[2]});
}

Image blend(const Image& a, const Image& b, double amount) {
  require_same_size(a, b);
  Image result(a.width, a.height);
  cv::addWeighted(view_of(a), 1.0 - amount, view_of(b), amount, 0.0, view_of(result));
  return result;
}

Image keep_colors(const Image& stylised, const Image& content) {
  require_same_size(stylised, content);
  cv::Mat styled_lab, content_lab;
  cv::cvtColor(view_of(stylised), styled_lab, cv::COLOR_RGB2Lab);
  cv::cvtColor(view_of(content), content_lab, cv::COLOR_RGB2Lab);
  const int lightness_to_lightness[] = {0, 0};
  cv::mixChannels(&styled_lab, 1, &content_lab, 1, lightness_to_lightness, 1);
  Image result(content.width, content.height);
  cv::cvtColor(content_lab, view_of(result), cv::COLOR_Lab2RGB);
  return result;
}

}  // namespace pocketstyle::media
