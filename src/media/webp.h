// SPDX-License-Identifier: Apache-2.0
#pragma once
// Animated WebP, which FFmpeg's decoders do not know.

#include <opencv2/core.hpp>
#include <webp/demux.h>

#include <memory>
#include <optional>
#include <string>

namespace pocketstyle::media {

class WebpAnimation {
 public:
  /// Throws std::runtime_error if it cannot be read.
  explicit WebpAnimation(std::string bytes);

  [[nodiscard]] int width() const { return width_; }
  [[nodiscard]] int height() const { return height_; }
  [[nodiscard]] int frames() const { return frames_; }

  struct Shown {
    cv::Mat bgra;            ///< the whole canvas; valid until the next call
    int start = 0, end = 0;  ///< in milliseconds
  };
  /// Nothing at the end. Throws std::runtime_error: damaged.
  std::optional<Shown> next();

 private:
  struct Free {
    void operator()(WebPAnimDecoder* decoder) const { WebPAnimDecoderDelete(decoder); }
  };
  std::string bytes_;
  std::unique_ptr<WebPAnimDecoder, Free> decoder_;
  int width_ = 0, height_ = 0, frames_ = 0, end_ = 0;
};

}  // namespace pocketstyle::media
