// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/media/image.h"

#include <opencv2/core.hpp>

namespace pocketstyle::media {

/// The picture's own bytes as an OpenCV matrix (RGB, 8UC3), without copying. Valid as long as the picture exists.
inline cv::Mat view_of(Image& image) {
  return {static_cast<int>(image.height), static_cast<int>(image.width), CV_8UC3, image.rgb_hwc.data()};
}
/// The same for reading only: OpenCV has no constant matrix, so the caller must not write to it.
inline cv::Mat view_of(const Image& image) {
  return view_of(const_cast<Image&>(image));
}  // NOLINT

}  // namespace pocketstyle::media
