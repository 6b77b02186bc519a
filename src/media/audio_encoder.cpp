// SPDX-License-Identifier: Apache-2.0
#include "media/audio_encoder.h"

#include "pocketstyle/core/error.h"

extern "C" {
#include <libavutil/channel_layout.h>
}

#include <algorithm>
#include <array>

namespace pocketstyle::media {
namespace {

constexpr std::int64_t kBitsAChannel = 96'000;
constexpr std::array<int, 12> kRates{96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000};
constexpr int kOtherRate = 48000, kStereo = 2;

Codec open_encoder(const AVCodecParameters& coded, bool global_header, const std::string& source) {
  const AVCodec* const codec = avcodec_find_encoder(AV_CODEC_ID_AAC);
  const bool keeps_rate = std::find(kRates.begin(), kRates.end(), coded.sample_rate) != kRates.end();
  for (const int channels : {coded.ch_layout.nb_channels, kStereo}) {
    Codec encoder(codec == nullptr ? nullptr : avcodec_alloc_context3(codec));
    if (encoder == nullptr) break;
    encoder->sample_rate = keeps_rate ? coded.sample_rate : kOtherRate;
    encoder->sample_fmt = AV_SAMPLE_FMT_FLTP;
    encoder->time_base = {1, encoder->sample_rate};
    if (channels == coded.ch_layout.nb_channels && coded.ch_layout.order != AV_CHANNEL_ORDER_UNSPEC)
      av_channel_layout_copy(&encoder->ch_layout, &coded.ch_layout);
    else
      av_channel_layout_default(&encoder->ch_layout, channels);
    encoder->bit_rate = kBitsAChannel * channels;
    encoder->thread_count = 1;
    if (global_header) encoder->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    if (avcodec_open2(encoder.get(), codec, nullptr) >= 0) return encoder;
  }
  throw DataError("{}: its audio of {} channels at {} Hz cannot be encoded as AAC", source, coded.ch_layout.nb_channels,
                  coded.sample_rate);
}

}  // namespace

AudioEncoder::AudioEncoder(const AVStream& from, const std::string& source, bool global_header)
    : source_(source),
      stream_time_(from.time_base),
      decoder_(open_decoder(from, source)),
      encoder_(open_encoder(*from.codecpar, global_header, source)),
      decoded_(av_frame_alloc()),
      ready_(av_frame_alloc()),
      packet_(av_packet_alloc()) {
  if (decoded_ == nullptr || ready_ == nullptr || packet_ == nullptr) throw std::bad_alloc();
}

void AudioEncoder::encode(AVFrame* frame, const Sink& sink) {
  int code = avcodec_send_frame(encoder_.get(), frame);
  while (code >= 0 && (code = avcodec_receive_packet(encoder_.get(), packet_.get())) >= 0) sink(*packet_);
  if (code < 0 && code != AVERROR(EAGAIN) && code != AVERROR_EOF)
    throw DataError("{}: its audio cannot be encoded: {}", source_, av_reason(code));
}

void AudioEncoder::put_frame(AVFrame* frame, const Sink& sink) {
  if (!chain_) {
    if (frame == nullptr) return encode(nullptr, sink);  // a track without a sound
    std::array<char, 128> layout{};
    av_channel_layout_describe(&encoder_->ch_layout, layout.data(), layout.size());
    if (frame->ch_layout.order == AV_CHANNEL_ORDER_UNSPEC)
      av_channel_layout_default(&frame->ch_layout, frame->ch_layout.nb_channels);
    // Gaps become silence, or what follows would come too early.
    chain_.emplace(FilterChain::audio(*frame,
                                      fmt::format("aresample={}:async=1,aformat=sample_fmts=fltp:channel_layouts={}",
                                                  encoder_->sample_rate, layout.data()),
                                      encoder_->frame_size));
  }
  if (frame != nullptr && frame->ch_layout.order == AV_CHANNEL_ORDER_UNSPEC)
    av_channel_layout_default(&frame->ch_layout, frame->ch_layout.nb_channels);
  if (frame != nullptr)
    frame->pts = frame->best_effort_timestamp == AV_NOPTS_VALUE
                     ? AV_NOPTS_VALUE
                     : av_rescale_q(frame->best_effort_timestamp, stream_time_, {1, frame->sample_rate});
  int code = chain_->push(frame);
  while (code >= 0 && (code = chain_->pull(*ready_)) >= 0) {
    if (ready_->pts != AV_NOPTS_VALUE)
      ready_->pts = av_rescale_q(ready_->pts, chain_->time_base(), encoder_->time_base);
    encode(ready_.get(), sink);
    av_frame_unref(ready_.get());
  }
  if (code < 0 && code != AVERROR(EAGAIN) && code != AVERROR_EOF)
    throw DataError("{}: its audio cannot be encoded: {}", source_, av_reason(code));
  if (frame == nullptr) encode(nullptr, sink);
}

void AudioEncoder::put(const AVPacket* packet, const Sink& sink) {
  // A damaged packet is a moment of silence: sound is not what the picture is made of.
  if (avcodec_send_packet(decoder_.get(), packet) < 0 && packet != nullptr) return;
  while (avcodec_receive_frame(decoder_.get(), decoded_.get()) >= 0) {
    put_frame(decoded_.get(), sink);
    av_frame_unref(decoded_.get());
  }
  if (packet == nullptr) put_frame(nullptr, sink);
}

}  // namespace pocketstyle::media
