// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/media/colors.h"

#include <opencv2/core.hpp>

#include <algorithm>
#include <cmath>

namespace pocketstyle::media {
namespace {

cv::Mat matrix_of(const std::array<std::array<double, 3>, 3>& values) {
  cv::Mat matrix(3, 3, CV_64F);
  for (int i = 0; i < 3; ++i)
    for (int j = 0; j < 3; ++j)
      matrix.at<double>(i, j) = values[static_cast<std::size_t>(i)][static_cast<std::size_t>(j)];
  return matrix;
}

/// The symmetric power of a covariance. Variances are raised to at least half a level, since a grey picture has none.
cv::Mat power(const cv::Mat& covariance, double exponent) {
  cv::Mat values, vectors;
  cv::eigen(covariance, values, vectors);
  cv::Mat diagonal = cv::Mat::zeros(3, 3, CV_64F);
  for (int i = 0; i < 3; ++i) diagonal.at<double>(i, i) = std::pow(std::max(values.at<double>(i), 0.25), exponent);
  return vectors.t() * diagonal * vectors;
}

}  // namespace

ColorStatistics color_statistics(std::span<const Image> images) {
  ColorStatistics result;
  double count = 0;
  for (const Image& image : images) {
    for (std::size_t i = 0; i < image.rgb_hwc.size(); i += 3)
      for (std::size_t c = 0; c < 3; ++c) {
        result.mean[c] += image.rgb_hwc[i + c];
        for (std::size_t d = 0; d < 3; ++d)
          result.covariance[c][d] += static_cast<double>(image.rgb_hwc[i + c]) * image.rgb_hwc[i + d];
      }
    count += static_cast<double>(image.width * image.height);
  }
  for (double& mean : result.mean) mean /= count;
  for (std::size_t c = 0; c < 3; ++c)
    for (std::size_t d = 0; d < 3; ++d)
      result.covariance[c][d] = result.covariance[c][d] / count - result.mean[c] * result.mean[d];
  return result;
}

Image match_colors(const Image& image, const ColorStatistics& wanted) {
  const ColorStatistics own = color_statistics({&image, 1});
  // Monge's map between the two normal distributions: S^-1/2 (S^1/2 W S^1/2)^1/2 S^-1/2.
  const cv::Mat root = power(matrix_of(own.covariance), 0.5), inverse = power(matrix_of(own.covariance), -0.5);
  const cv::Mat map = inverse * power(root * matrix_of(wanted.covariance) * root, 0.5) * inverse;
  Image result(image.width, image.height);
  for (std::size_t i = 0; i < image.rgb_hwc.size(); i += 3)
    for (std::size_t c = 0; c < 3; ++c) {
      double value = wanted.mean[c];
      for (std::size_t d = 0; d < 3; ++d)
        value += map.at<double>(static_cast<int>(c), static_cast<int>(d)) * (image.rgb_hwc[i + d] - own.mean[d]);
      result.rgb_hwc[i + c] = static_cast<std::uint8_t>(std::lround(std::clamp(value, 0.0, 255.0)));
    }
  return result;
}

}  // namespace pocketstyle::media
