// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/media/video.h"

#include <memory>
#include <optional>

namespace pocketstyle::media {

/// What VideoReader reads from, by one library.
struct FrameSource {
  virtual ~FrameSource() = default;
  /// Nothing at the end.
  virtual std::optional<VideoFrame> next() = 0;
  VideoFormat format;
  std::int64_t frames = 0;
  double seconds = 0;
};

std::unique_ptr<FrameSource> open_by_ffmpeg(const std::filesystem::path& source);
std::unique_ptr<FrameSource> open_webp_animation(const std::filesystem::path& source);

}  // namespace pocketstyle::media
