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

/// Which colours the numbers of a video mean: code points of ITU-T H.273, 2: not said.
struct ColorTags {
  int primaries = 2, transfer = 2, matrix = 2;
};

/// What a video's frames have in common.
struct VideoFormat {
  std::int64_t width = 0, height = 0;
  Rational tick;                 ///< seconds that frames' times are counted in
  Rational pixel_aspect{1, 1};   ///< a pixel's width over its height
  double frames_per_second = 0;  ///< on average; 0: unknown
  ColorTags colors = {};
};

struct VideoFrame {
  Image picture;
  std::int64_t time = 0;      ///< of its start, in ticks from the start of the video; rising
  std::int64_t duration = 0;  ///< in ticks; 0: unknown, as that of the last one may be
};

/// Frames of a video file, or of a camera, in the order that they are shown. Not thread-safe.
class VideoReader {
 public:
  /// A file, or a camera such as /dev/video0. Throws DataError: missing, not a video, or cut off.
  explicit VideoReader(const std::filesystem::path& source);
  ~VideoReader();
  VideoReader(const VideoReader&) = delete;
  VideoReader& operator=(const VideoReader&) = delete;

  /// As frames are meant to be seen: turned as the file's rotation asks.
  [[nodiscard]] const VideoFormat& format() const;
  /// By what the file says; 0: unknown, as with a camera.
  [[nodiscard]] std::int64_t frames() const;
  [[nodiscard]] double seconds() const;

  /// Nothing at the end. Throws DataError naming frame and time: damaged.
  std::optional<VideoFrame> next();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Whether `path` is a file with moving pictures that VideoReader opens, or a camera.
bool is_video(const std::filesystem::path& path);

/// Extensions that VideoWriter writes: .mp4 .m4v .mov .mkv
std::span<const std::string_view> writable_video_extensions();
/// Throws UsageError if `path` has another extension than those.
void check_writable_video(const std::filesystem::path& path);

struct VideoWriterOptions {
  int crf = 20;                      ///< of x264: 0 loses nothing, 51 is the worst
  std::filesystem::path audio_from;  ///< a file whose audio tracks are taken over as they are; empty: none
};

/// H.264 in 4:2:0, in a file that gets its name when finish() has written all of it; without that nothing is left.
/// A side that is odd loses its last row or column, since 4:2:0 has none. Not thread-safe.
class VideoWriter {
 public:
  /// Throws UsageError (extension; the file cannot hold that audio), RuntimeFailure (no encoder), DataError.
  VideoWriter(const std::filesystem::path& path, const VideoFormat& format, const VideoWriterOptions& options = {});
  ~VideoWriter();
  VideoWriter(const VideoWriter&) = delete;
  VideoWriter& operator=(const VideoWriter&) = delete;

  /// Requires: the format's size, and a later time than before. Throws DataError when writing fails.
  void write(const VideoFrame& frame);
  /// `whole_audio`: the audio to its end, rather than to that of the last frame. Throws DataError.
  void finish(bool whole_audio = true);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace pocketstyle::media
