// SPDX-License-Identifier: Apache-2.0
#include "media/audio.h"

#include "media/audio_encoder.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/log.h"

#include <algorithm>

namespace pocketstyle::media {
namespace fs = std::filesystem;
namespace {

/// Whether a file of that kind takes the track: asked by writing the start of one, to memory. The list that
/// avformat_query_codec looks into promises more than some formats then keep.
bool can_hold(const AVOutputFormat& format, const AVStream& track) {
  if (avformat_query_codec(&format, track.codecpar->codec_id, FF_COMPLIANCE_NORMAL) != 1) return false;
  AVFormatContext* trial = nullptr;
  if (avformat_alloc_output_context2(&trial, &format, nullptr, nullptr) < 0) throw std::bad_alloc();
  AVStream* const to = avformat_new_stream(trial, nullptr);
  bool holds = false;
  if (to != nullptr && avcodec_parameters_copy(to->codecpar, track.codecpar) >= 0 &&
      avio_open_dyn_buf(&trial->pb) >= 0) {
    to->codecpar->codec_tag = 0;
    to->time_base = track.time_base;
    holds = avformat_write_header(trial, nullptr) >= 0 && av_write_trailer(trial) >= 0;
    std::uint8_t* bytes = nullptr;
    avio_close_dyn_buf(trial->pb, &bytes);
    av_free(bytes);
  }
  avformat_free_context(trial);
  return holds;
}

/// What says what a track or a file is, without what only holds for the source's own way to store it.
void copy_metadata(AVDictionary** to, const AVDictionary* from) {
  constexpr std::array<std::string_view, 4> kOfTheContainer{"major_brand", "minor_version", "compatible_brands",
                                                            "encoder"};
  av_dict_copy(to, from, 0);
  for (const std::string_view key : kOfTheContainer) av_dict_set(to, key.data(), nullptr, 0);
}

void copy_language_and_title(AVDictionary** to, const AVDictionary* from) {
  for (const char* key : {"language", "title", "handler_name"})
    if (const AVDictionaryEntry* const entry = av_dict_get(from, key, nullptr, 0))
      av_dict_set(to, key, entry->value, 0);
}

}  // namespace

struct AudioTracks::Track {
  AVStream* to = nullptr;
  std::unique_ptr<AudioEncoder> encoder;  ///< nullptr: packets are copied
};

AudioTracks::AudioTracks(const fs::path& source, AVFormatContext& output, const fs::path& path)
    : input_(open_input(source)), packet_(av_packet_alloc()) {
  tracks_.resize(input_->nb_streams);
  for (unsigned i = 0; i < input_->nb_streams; ++i) {
    const AVStream& from = *input_->streams[i];
    const AVCodecParameters& coded = *from.codecpar;
    if (coded.codec_type != AVMEDIA_TYPE_AUDIO) {
      input_->streams[i]->discard = AVDISCARD_ALL;
      continue;
    }
    auto track = std::make_unique<Track>();
    if (!can_hold(*output.oformat, from)) {
      try {
        track->encoder =
            std::make_unique<AudioEncoder>(from, source.string(), (output.oformat->flags & AVFMT_GLOBALHEADER) != 0);
      } catch (const DataError&) {
        throw UsageError(
            "{}: can neither hold the {} audio of {} nor is it known how to decode it; --no-audio leaves it out",
            path.string(), avcodec_get_name(coded.codec_id), source.string());
      }
      log()->info("[video] {}: its {} audio becomes AAC, as {} cannot hold it", source.string(),
                  avcodec_get_name(coded.codec_id), path.extension().string());
    }
    track->to = avformat_new_stream(&output, nullptr);
    if (track->to == nullptr) throw std::bad_alloc();
    if (track->encoder) {
      avcodec_parameters_from_context(track->to->codecpar, &track->encoder->context());
      track->to->time_base = track->encoder->context().time_base;
      copy_language_and_title(&track->to->metadata, from.metadata);
    } else {
      if (avcodec_parameters_copy(track->to->codecpar, &coded) < 0) throw std::bad_alloc();
      track->to->codecpar->codec_tag = 0;  // the other file's own number for the codec
      track->to->time_base = from.time_base;
      av_dict_copy(&track->to->metadata, from.metadata, 0);
    }
    track->to->disposition = from.disposition;
    tracks_[i] = std::move(track);
  }
  copy_metadata(&output.metadata, input_->metadata);
  more_ = std::any_of(tracks_.begin(), tracks_.end(), [](const auto& track) { return track != nullptr; });
}

AudioTracks::~AudioTracks() = default;

bool AudioTracks::read() {
  int code = 0;
  while ((code = av_read_frame(input_.get(), packet_.get())) >= 0) {
    held_ = tracks_[static_cast<std::size_t>(packet_->stream_index)] != nullptr;
    if (held_) return true;
    av_packet_unref(packet_.get());
  }
  if (code != AVERROR_EOF) throw DataError("{}: its audio is damaged: {}", input_->url, av_reason(code));
  more_ = false;
  return false;
}

void AudioTracks::until(double seconds, const Sink& sink) {
  while (more_) {
    if (!held_ && !read()) return;
    const AVStream& from = *input_->streams[packet_->stream_index];
    const std::int64_t start =
        input_->start_time == AV_NOPTS_VALUE ? 0 : av_rescale_q(input_->start_time, {1, AV_TIME_BASE}, from.time_base);
    const std::int64_t stamp = packet_->dts != AV_NOPTS_VALUE ? packet_->dts : packet_->pts;
    if (stamp != AV_NOPTS_VALUE && static_cast<double>(stamp - start) * av_q2d(from.time_base) >= seconds) return;
    held_ = false;
    Track& track = *tracks_[static_cast<std::size_t>(packet_->stream_index)];
    if (packet_->pts != AV_NOPTS_VALUE) packet_->pts -= start;
    if (packet_->dts != AV_NOPTS_VALUE) packet_->dts -= start;
    const auto pass_on = [&](AVPacket& packet, AVRational time_base) {
      packet.stream_index = track.to->index;
      packet.pos = -1;
      av_packet_rescale_ts(&packet, time_base, track.to->time_base);
      sink(packet);
    };
    if (track.encoder) {
      track.encoder->put(packet_.get(), [&](AVPacket& made) { pass_on(made, track.encoder->context().time_base); });
      av_packet_unref(packet_.get());
    } else {
      pass_on(*packet_, from.time_base);
    }
  }
}

void AudioTracks::finish(const Sink& sink) {
  for (const auto& track : tracks_)
    if (track && track->encoder)
      track->encoder->put(nullptr, [&](AVPacket& made) {
        made.stream_index = track->to->index;
        av_packet_rescale_ts(&made, track->encoder->context().time_base, track->to->time_base);
        sink(made);
      });
}

}  // namespace pocketstyle::media
