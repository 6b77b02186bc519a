// SPDX-License-Identifier: Apache-2.0
#include "media/transparency.h"

#include "media/mat.h"

#include <opencv2/imgproc.hpp>

#include <algorithm>

namespace pocketstyle::media {
namespace {

/// Averages of 2x2 pixels, the last row and column repeated where a side is odd.
cv::Mat halved(const cv::Mat& from) {
  const int right = from.cols % 2, bottom = from.rows % 2;
  cv::Mat even = from, half;
  if (right + bottom > 0) cv::copyMakeBorder(from, even, 0, bottom, 0, right, cv::BORDER_REPLICATE);
  cv::resize(even, half, even.size() / 2, 0, 0, cv::INTER_AREA);
  return half;
}

/// Pull and push: `weighted`, colour times weight, is averaged down until every pixel has weight; on the way back, what
/// has none takes the coarser level's colour.
cv::Mat filled(const cv::Mat& weighted, const cv::Mat& weight) {
  cv::Mat result(weighted.size(), CV_32FC3);
  double least = 0;
  cv::minMaxLoc(weight, &least);
  cv::Mat coarse;
  if (least <= 0 && std::max(weighted.rows, weighted.cols) > 1)
    cv::resize(filled(halved(weighted), halved(weight)), coarse, weighted.size(), 0, 0, cv::INTER_LINEAR);
  result.forEach<cv::Vec3f>([&](cv::Vec3f& pixel, const int* at) {
    const float known = weight.at<float>(at[0], at[1]);
    if (known > 0)
      pixel = weighted.at<cv::Vec3f>(at[0], at[1]) / known;
    else
      pixel = coarse.empty() ? cv::Vec3f(255, 255, 255) : coarse.at<cv::Vec3f>(at[0], at[1]);  // nothing is visible
  });
  return result;
}

}  // namespace

void extend_colors(cv::Mat& rgb, const cv::Mat& alpha) {
  const cv::Mat hidden = alpha == 0;
  if (cv::countNonZero(hidden) == 0) return;
  cv::Mat weight, weighted, bytes;
  alpha.convertTo(weight, CV_32F, 1.0 / 255);
  rgb.convertTo(weighted, CV_32FC3);
  weighted.forEach<cv::Vec3f>([&](cv::Vec3f& pixel, const int* at) { pixel *= weight.at<float>(at[0], at[1]); });
  filled(weighted, weight).convertTo(bytes, CV_8UC3);
  bytes.copyTo(rgb, hidden);
}

void put_over_white(cv::Mat& rgb, const cv::Mat& alpha) {
  rgb.forEach<cv::Vec3b>([&](cv::Vec3b& pixel, const int* at) {
    const int opaque = alpha.at<std::uint8_t>(at[0], at[1]);
    for (int c = 0; c < 3; ++c)
      pixel[c] = static_cast<std::uint8_t>((pixel[c] * opaque + 255 * (255 - opaque) + 127) / 255);
  });
}

Image over_white(const cv::Mat& bgra) {
  Image image(bgra.cols, bgra.rows);
  cv::Mat rgb = view_of(image), alpha;
  cv::cvtColor(bgra, rgb, cv::COLOR_BGRA2RGB);
  cv::extractChannel(bgra, alpha, 3);
  put_over_white(rgb, alpha);
  return image;
}

}  // namespace pocketstyle::media
