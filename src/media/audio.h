// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "media/av.h"

#include <functional>
#include <memory>
#include <vector>

namespace pocketstyle::media {

/// The audio tracks of a file on their way into another: packet by packet where it can hold them, else as AAC.
class AudioTracks {
 public:
  /// Adds a track to `output` for each, and the file's metadata. Throws UsageError if a track can be neither copied nor
  /// decoded; DataError.
  AudioTracks(const std::filesystem::path& source, AVFormatContext& output, const std::filesystem::path& path);
  ~AudioTracks();
  AudioTracks(const AudioTracks&) = delete;
  AudioTracks& operator=(const AudioTracks&) = delete;

  using Sink = std::function<void(AVPacket&)>;
  /// Gives `sink` every packet that begins before `seconds`, in order. Throws DataError: the audio is damaged.
  void until(double seconds, const Sink& sink);
  /// Gives `sink` what the encoders still hold.
  void finish(const Sink& sink);

 private:
  struct Track;
  bool read();
  Input input_;
  Packet packet_;
  std::vector<std::unique_ptr<Track>> tracks_;  ///< by the input's index; nullptr: not audio
  bool more_ = false, held_ = false;
};

}  // namespace pocketstyle::media
