// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "media/filter.h"

#include <functional>
#include <optional>
#include <string>

namespace pocketstyle::media {

/// Decodes a track and encodes it again, as AAC: every player has it, and every file that is written here can hold it.
class AudioEncoder {
 public:
  /// Throws DataError: the track cannot be decoded, or this FFmpeg cannot encode.
  AudioEncoder(const AVStream& from, const std::string& source, bool global_header);

  [[nodiscard]] const AVCodecContext& context() const { return *encoder_; }
  using Sink = std::function<void(AVPacket&)>;
  /// A packet of the stream, or nullptr for the end; what comes of it goes to `sink`, in the encoder's time base.
  void put(const AVPacket* packet, const Sink& sink);

 private:
  void put_frame(AVFrame* frame, const Sink& sink);
  void encode(AVFrame* frame, const Sink& sink);
  std::string source_;
  AVRational stream_time_;
  Codec decoder_, encoder_;
  std::optional<FilterChain> chain_;
  Frame decoded_, ready_;
  Packet packet_;
};

}  // namespace pocketstyle::media
