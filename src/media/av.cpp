// SPDX-License-Identifier: Apache-2.0
#include "media/av.h"

#include "pocketstyle/core/error.h"

#include <algorithm>
#include <filesystem>
#include <string_view>

#ifdef POCKETSTYLE_AVDEVICE
extern "C" {
#include <libavdevice/avdevice.h>
}
#endif

namespace pocketstyle::media {
namespace fs = std::filesystem;
namespace {

constexpr int kHighDefinitionRows = 720;
constexpr int kCoefficientOne = 1 << 16;  // 1.0 in swscale's units of contrast and saturation

/// Input format and options for cameras; none for files.
const AVInputFormat* camera_format(const fs::path& source) {
  std::error_code ignored;
  if (!fs::is_character_file(source, ignored)) return nullptr;
#ifdef POCKETSTYLE_AVDEVICE
  avdevice_register_all();
  if (const AVInputFormat* format = av_find_input_format("v4l2")) return format;
#endif
  throw DataError("{}: is a device, and this build cannot open cameras (libavdevice)", source.string());
}

}  // namespace

Input open_input(const fs::path& source) {
  av_log_set_level(AV_LOG_QUIET);
  std::error_code error;
  if (!fs::exists(source, error)) throw DataError("{}: no such file", source.string());
  if (fs::is_directory(source, error)) throw DataError("{}: is a folder, expected a video", source.string());
  AVFormatContext* opened = nullptr;
  // With an explicit protocol, since "a:b.mp4" would otherwise be taken for one.
  const AVInputFormat* const camera = camera_format(source);
  const std::string name = camera != nullptr ? source.string() : "file:" + source.string();
  int code = avformat_open_input(&opened, name.c_str(), camera, nullptr);
  if (code < 0) throw DataError("{}: cannot be opened as a video: {}", source.string(), av_reason(code));
  Input input(opened);
  code = avformat_find_stream_info(input.get(), nullptr);
  if (code < 0) throw DataError("{}: cannot be opened as a video: {}", source.string(), av_reason(code));
  return input;
}

Codec open_decoder(const AVStream& stream, const std::string& source) {
  const AVCodecParameters& coded = *stream.codecpar;
  const char* const kind = coded.codec_type == AVMEDIA_TYPE_AUDIO ? "audio" : "video";
  const AVCodec* const codec = avcodec_find_decoder(coded.codec_id);
  if (codec == nullptr)
    throw DataError("{}: its {} {} cannot be decoded here", source, avcodec_get_name(coded.codec_id), kind);
  Codec decoder(avcodec_alloc_context3(codec));
  avcodec_parameters_to_context(decoder.get(), &coded);
  decoder->pkt_timebase = stream.time_base;
  if (coded.codec_type == AVMEDIA_TYPE_VIDEO) decoder->err_recognition = AV_EF_EXPLODE;
  decoder->thread_count = 1;  // leave the cores to the network
  if (const int code = avcodec_open2(decoder.get(), codec, nullptr); code < 0)
    throw DataError("{}: its {} {} cannot be decoded: {}", source, codec->name, kind, av_reason(code));
  return decoder;
}

const std::uint8_t* stream_data(const AVStream& stream, AVPacketSideDataType type) {
#if LIBAVCODEC_VERSION_INT >= AV_VERSION_INT(60, 30, 100)
  const AVPacketSideData* const side =
      av_packet_side_data_get(stream.codecpar->coded_side_data, stream.codecpar->nb_coded_side_data, type);
  return side == nullptr ? nullptr : side->data;
#else
  return av_stream_get_side_data(&stream, type, nullptr);
#endif
}

AVStream* moving_stream(AVFormatContext& input) {
  const std::string_view name = input.iformat->name;
  if (name == "image2" || name.ends_with("_pipe")) return nullptr;  // a picture
  const int index = av_find_best_stream(&input, AVMEDIA_TYPE_VIDEO, -1, -1, nullptr, 0);
  if (index < 0) return nullptr;
  AVStream* const stream = input.streams[index];
  return (stream->disposition & AV_DISPOSITION_ATTACHED_PIC) != 0 ? nullptr : stream;
}

Frame make_frame(AVPixelFormat format, int width, int height) {
  Frame frame(av_frame_alloc());
  if (frame == nullptr) throw std::bad_alloc();
  frame->format = format;
  frame->width = width;
  frame->height = height;
  if (av_frame_get_buffer(frame.get(), 0) < 0) throw std::bad_alloc();
  return frame;
}

void convert(Scaler& scaler, const AVFrame& from, bool from_full_range, AVFrame& to, int matrix) {
  scaler.reset(sws_getCachedContext(scaler.release(), from.width, from.height, static_cast<AVPixelFormat>(from.format),
                                    to.width, to.height, static_cast<AVPixelFormat>(to.format),
                                    SWS_BICUBIC | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT | SWS_FULL_CHR_H_INP, nullptr,
                                    nullptr, nullptr));
  if (scaler == nullptr)
    throw RuntimeFailure("frames of {}x{} cannot be converted: unknown pixel format", from.width, from.height);
  const int rows = std::max(from.height, to.height);
  const int space = matrix != AVCOL_SPC_UNSPECIFIED ? matrix
                    : rows >= kHighDefinitionRows   ? AVCOL_SPC_BT709
                                                    : AVCOL_SPC_BT470BG;
  const int* const coefficients = sws_getCoefficients(space);
  sws_setColorspaceDetails(scaler.get(), coefficients, from_full_range ? 1 : 0, coefficients, 0, 0, kCoefficientOne,
                           kCoefficientOne);
  sws_scale(scaler.get(), from.data, from.linesize, 0, from.height, to.data, to.linesize);
}

}  // namespace pocketstyle::media
