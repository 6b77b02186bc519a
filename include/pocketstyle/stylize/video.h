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
  StylizeOptions frame;           ///< applied to each frame
  int crf = 20;                   ///< media::VideoWriterOptions
  std::optional<double> seconds;  ///< stop after this much video; unset: at the end
  bool audio = true;              ///< whether to keep the audio
};

/// Progress so far.
struct VideoProgress {
  std::int64_t frames = 0, width = 0, height = 0;
  std::int64_t expected_frames = 0;  ///< approximate total; 0: unknown
  double seconds = 0;                ///< seconds of video
  double network_ms = 0;             ///< time in the network, over all frames
  double still_share = 0;            ///< share of pixels that do not change in the source between consecutive frames
  std::optional<double>
      still_change;      ///< for these, how much more the result changes than the source, in levels of 255
  bool stopped = false;  ///< `report` asked to stop
};

/// Stylises a video file or camera frame by frame; times, pixel aspect and audio tracks are kept, and the file's
/// rotation is applied. While the network works on one frame, other threads decode the next and encode the previous
/// one, so memory use does not depend on the video's length. `report` is called after every frame; if it returns false,
/// the video ends there and is finished, with its audio up to there. Throws what VideoReader, VideoWriter and stylize
/// throw; then there is no result.
VideoProgress stylize_video(StyleModel& model, const std::filesystem::path& source, const std::filesystem::path& result,
                            const VideoOptions& options, const std::function<bool(const VideoProgress&)>& report);

}  // namespace pocketstyle::stylize
