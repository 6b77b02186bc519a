// SPDX-License-Identifier: Apache-2.0
#pragma once
// A file with a tone, and properties of files that the product does not read: uses FFmpeg's libraries directly.

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
}

#include <cmath>
#include <filesystem>
#include <numbers>
#include <stdexcept>
#include <string>
#include <vector>

namespace pocketstyle::testing {

inline void must(bool fact, const char* what) {
  if (!fact) throw std::runtime_error(what);
}

/// About a second of 440 Hz as AAC; the name's extension decides the container.
inline void write_tone(const std::filesystem::path& path, int frames = 43) {
  av_log_set_level(AV_LOG_QUIET);
  AVFormatContext* file = nullptr;
  must(avformat_alloc_output_context2(&file, nullptr, nullptr, path.c_str()) >= 0, "format");
  const AVCodec* const codec = avcodec_find_encoder(AV_CODEC_ID_AAC);
  AVStream* const stream = avformat_new_stream(file, nullptr);
  AVCodecContext* encoder = avcodec_alloc_context3(codec);
  encoder->sample_fmt = AV_SAMPLE_FMT_FLTP;
  encoder->sample_rate = 44100;
  encoder->bit_rate = 64000;
  encoder->time_base = {1, encoder->sample_rate};
  av_channel_layout_default(&encoder->ch_layout, 1);
  if ((file->oformat->flags & AVFMT_GLOBALHEADER) != 0) encoder->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
  must(avcodec_open2(encoder, codec, nullptr) >= 0, "encoder");
  avcodec_parameters_from_context(stream->codecpar, encoder);
  stream->time_base = encoder->time_base;
  av_dict_set(&stream->metadata, "language", "fra", 0);
  av_dict_set(&file->metadata, "title", "a tone", 0);
  must(avio_open(&file->pb, path.c_str(), AVIO_FLAG_WRITE) >= 0, "file");
  must(avformat_write_header(file, nullptr) >= 0, "header");
  AVFrame* samples = av_frame_alloc();
  samples->format = encoder->sample_fmt;
  samples->nb_samples = encoder->frame_size;
  samples->sample_rate = encoder->sample_rate;
  av_channel_layout_copy(&samples->ch_layout, &encoder->ch_layout);
  AVPacket* packet = av_packet_alloc();
  must(av_frame_get_buffer(samples, 0) >= 0, "samples");
  for (int i = 0; i <= frames; ++i) {
    av_frame_make_writable(samples);
    samples->pts = static_cast<std::int64_t>(i) * samples->nb_samples;
    auto* const values = reinterpret_cast<float*>(samples->data[0]);
    for (int k = 0; k < samples->nb_samples; ++k)
      values[k] = 0.3F * static_cast<float>(std::sin(2 * std::numbers::pi * 440 *
                                                     static_cast<double>(samples->pts + k) / encoder->sample_rate));
    must(avcodec_send_frame(encoder, i < frames ? samples : nullptr) >= 0, "send");
    while (avcodec_receive_packet(encoder, packet) >= 0) {
      av_packet_rescale_ts(packet, encoder->time_base, stream->time_base);
      packet->stream_index = 0;
      must(av_interleaved_write_frame(file, packet) >= 0, "write");
    }
  }
  av_write_trailer(file);
  avio_closep(&file->pb);
  av_packet_free(&packet);
  av_frame_free(&samples);
  avcodec_free_context(&encoder);
  avformat_free_context(file);
}

struct StoredPacket {
  double seconds = 0;
  std::string bytes;
};

/// The content of a file's audio tracks.
struct StoredAudio {
  std::vector<StoredPacket> packets;
  std::string language, title, codec;
};
inline StoredAudio stored_audio(const std::filesystem::path& path) {
  StoredAudio audio;
  AVFormatContext* file = nullptr;
  must(avformat_open_input(&file, path.c_str(), nullptr, nullptr) >= 0, "open");
  must(avformat_find_stream_info(file, nullptr) >= 0, "streams");
  const auto text = [](const AVDictionary* entries, const char* key) {
    const AVDictionaryEntry* const entry = av_dict_get(entries, key, nullptr, 0);
    return entry == nullptr ? std::string() : std::string(entry->value);
  };
  audio.title = text(file->metadata, "title");
  AVPacket* packet = av_packet_alloc();
  while (av_read_frame(file, packet) >= 0) {
    const AVStream& stream = *file->streams[packet->stream_index];
    if (stream.codecpar->codec_type == AVMEDIA_TYPE_AUDIO) {
      audio.language = text(stream.metadata, "language");
      audio.codec = avcodec_get_name(stream.codecpar->codec_id);
      audio.packets.push_back(
          {static_cast<double>(packet->pts) * av_q2d(stream.time_base),
           std::string(reinterpret_cast<const char*>(packet->data), static_cast<std::size_t>(packet->size))});
    }
    av_packet_unref(packet);
  }
  av_packet_free(&packet);
  avformat_close_input(&file);
  return audio;
}

}  // namespace pocketstyle::testing
