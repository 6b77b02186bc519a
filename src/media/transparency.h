// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/media/image.h"

#include <opencv2/core.hpp>

namespace pocketstyle::media {

/// Gives transparent pixels the colours of what is visible around them, the more blurred the farther away. All others
/// stay as they are. `rgb`: 8UC3, `alpha`: 8UC1.
void extend_colors(cv::Mat& rgb, const cv::Mat& alpha);

/// Puts white behind `rgb`.
void put_over_white(cv::Mat& rgb, const cv::Mat& alpha);
/// A frame of a video, which has no alpha when it is written.
Image over_white(const cv::Mat& bgra);

}  // namespace pocketstyle::media
