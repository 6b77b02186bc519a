// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/media/image.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace pocketstyle::media {

struct Rational {
  std::int64_t numerator = 0, denominator = 1;
  [[nodiscard]] double value() const { return static_cast<double>(numerator) / static_cast<double>(denominator); }
};

/// The colour space of a video's numbers: code points of ITU-T H.273; 2: unspecified. HDR and wide gamuts are converted
/// to BT.709 on reading, and get its code points.
struct ColorTags {
  int primaries = 2, transfer = 2, matrix = 2;
};

/// Properties that all frames of a video share.
struct VideoFormat {
  std::int64_t width = 0, height = 0;
  Rational tick;                 ///< unit of frame times, in seconds
  Rational pixel_aspect{1, 1};   ///< a pixel's width divided by its height
  double frames_per_second = 0;  ///< on average; 0: unknown
  ColorTags colors = {};
};

struct VideoFrame {
  Image picture;
  std::int64_t time = 0;      ///< start time in ticks from the start of the video; strictly increasing
  std::int64_t duration = 0;  ///< in ticks; 0: unknown, as may be the case for the last frame
};

/// Reads the frames of a video file or camera, in display order. Not thread-safe.
class VideoReader {
 public:
  /// Opens a file, or a camera such as /dev/video0. Throws DataError: missing, not a video, or cut off.
  explicit VideoReader(const std::filesystem::path& source);
  ~VideoReader();
  VideoReader(const VideoReader&) = delete;
  VideoReader& operator=(const VideoReader&) = delete;

  /// The size for display: the rotation that the file asks for is applied.
  [[nodiscard]] const VideoFormat& format() const;
  /// As stated in the file; 0: unknown, as with a camera.
  [[nodiscard]] std::int64_t frames() const;
  [[nodiscard]] double seconds() const;

  /// Empty at the end. Throws DataError naming frame and time: damaged.
  std::optional<VideoFrame> next();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Whether `path` is a picture file with more than one frame: GIF, WebP, PNG, AVIF or HEIC.
bool is_animation(const std::filesystem::path& path);
/// Whether `path` is a video file or animation that VideoReader opens, or a camera.
bool is_video(const std::filesystem::path& path);

/// Extensions of files that VideoWriter writes: .mp4 .m4v .mov .mkv
std::span<const std::string_view> writable_video_extensions();
/// Throws UsageError if the extension of `path` is not one of those.
void check_writable_video(const std::filesystem::path& path);

struct VideoWriterOptions {
  int crf = 20;                      ///< quality of x264: 0 is lossless, 51 is the worst
  std::filesystem::path audio_from;  ///< a file whose audio tracks are used; empty: none
};

/// Writes H.264 in 4:2:0. The file gets its name when finish() has written everything; otherwise nothing is left. Odd
/// sizes lose their last row or column, which 4:2:0 does not support. Not thread-safe.
class VideoWriter {
 public:
  /// Audio is copied unchanged if the file format supports it, otherwise converted to AAC. Throws UsageError
  /// (extension; audio that can neither be copied nor decoded), RuntimeFailure (no encoder), DataError.
  VideoWriter(const std::filesystem::path& path, const VideoFormat& format, const VideoWriterOptions& options = {});
  ~VideoWriter();
  VideoWriter(const VideoWriter&) = delete;
  VideoWriter& operator=(const VideoWriter&) = delete;

  /// Requires: the format's size, and a later time than the frame before. Throws DataError when writing fails.
  void write(const VideoFrame& frame);
  /// `whole_audio`: copy the audio to its end, instead of to the end of the last frame. Throws DataError.
  void finish(bool whole_audio = true);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace pocketstyle::media
