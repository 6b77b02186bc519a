// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/stylize/options.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>

namespace pocketstyle::stylize {

class StyleModel;

struct VideoOptions {
  StylizeOptions frame;           ///< for each frame
  int crf = 20;                   ///< media::VideoWriterOptions
  std::optional<double> seconds;  ///< to stop after; without it at the end
};

/// What was done so far.
struct VideoProgress {
  std::int64_t frames = 0, width = 0, height = 0;
  std::int64_t expected_frames = 0;  ///< in all, about; 0: unknown
  double seconds = 0;                ///< of video
  double network_ms = 0;             ///< in the network, all frames together
  double still_share = 0;  ///< of the pixels of two frames in a row: those that the source leaves as they were
  std::optional<double> still_change;  ///< there, how much more the result changes than the source, in levels of 255
  bool stopped = false;                ///< `report` asked for it
};

/// A video, or a camera's, through the style, frame by frame; times, pixel aspect and the audio tracks are kept, a
/// rotation that the file asks for is done. While the network works on one frame, other threads decode the next and
/// encode the last, so few frames are in memory however long the video is. `report` hears of every frame; if it returns
/// false the video ends there and is finished, with its audio up to there. Throws like VideoReader, VideoWriter and
/// stylize; then there is no result.
VideoProgress stylize_video(StyleModel& model, const std::filesystem::path& source, const std::filesystem::path& result,
                            const VideoOptions& options, const std::function<bool(const VideoProgress&)>& report);

}  // namespace pocketstyle::stylize
