// SPDX-License-Identifier: Apache-2.0
#pragma once
// FFmpeg's libraries, for reading and writing videos. Versions 5.1 to 7.1.

#include "pocketstyle/media/video.h"

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavfilter/avfilter.h>
#include <libavformat/avformat.h>
#include <libavutil/display.h>
#include <libavutil/imgutils.h>
#include <libavutil/opt.h>
#include <libswscale/swscale.h>
}

#include <memory>
#include <string>

namespace pocketstyle::media {

/// FFmpeg's message for an error code.
inline std::string av_reason(int code) {
  char text[AV_ERROR_MAX_STRING_SIZE] = {};
  av_strerror(code, text, sizeof(text));
  return text;
}

struct FreeInput {
  void operator()(AVFormatContext* context) const { avformat_close_input(&context); }
};
struct FreeCodec {
  void operator()(AVCodecContext* context) const { avcodec_free_context(&context); }
};
struct FreeFrame {
  void operator()(AVFrame* frame) const { av_frame_free(&frame); }
};
struct FreePacket {
  void operator()(AVPacket* packet) const { av_packet_free(&packet); }
};
struct FreeScaler {
  void operator()(SwsContext* context) const { sws_freeContext(context); }
};
using Input = std::unique_ptr<AVFormatContext, FreeInput>;
using Codec = std::unique_ptr<AVCodecContext, FreeCodec>;
using Frame = std::unique_ptr<AVFrame, FreeFrame>;
using Packet = std::unique_ptr<AVPacket, FreePacket>;
using Scaler = std::unique_ptr<SwsContext, FreeScaler>;

/// Opens a file or camera and reads its streams' parameters. Throws DataError.
Input open_input(const std::filesystem::path& source);

/// Opens a decoder for the stream. It uses one thread, since the cores are for the network, and fails on damaged video
/// rather than concealing it. Throws DataError.
Codec open_decoder(const AVStream& stream, const std::string& source);

/// Side data of a stream in its container, or null.
const std::uint8_t* stream_data(const AVStream& stream, AVPacketSideDataType type);

/// The video stream, or null: a cover picture is not one.
AVStream* moving_stream(AVFormatContext& input);

/// A frame with its own memory, whose rows are aligned for swscale.
Frame make_frame(AVPixelFormat format, int width, int height);

/// Converts from `from`'s size and format to `to`'s. `matrix` (H.273) applies to whichever side is YUV; if unspecified,
/// it is BT.709 from 720 rows on and BT.601 below, as in players.
void convert(Scaler& scaler, const AVFrame& from, bool from_full_range, AVFrame& to, int matrix);

}  // namespace pocketstyle::media
