// SPDX-License-Identifier: Apache-2.0
#include "media/av.h"
#include "media/mat.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/log.h"

#include <opencv2/core.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string_view>
#include <utility>

namespace pocketstyle::media {
namespace fs = std::filesystem;
namespace {

constexpr double kMissingSeconds = 1;  // that much less than the file says is worth a warning

/// The stream that moves, or nothing: a cover picture does not.
AVStream* moving_stream(const AVFormatContext& input) {
  const std::string_view name = input.iformat->name;
  if (name == "image2" || name.ends_with("_pipe")) return nullptr;  // a picture
  const int index =
      av_find_best_stream(&const_cast<AVFormatContext&>(input), AVMEDIA_TYPE_VIDEO, -1, -1, nullptr, 0);  // NOLINT
  if (index < 0) return nullptr;
  AVStream* const stream = input.streams[index];
  return (stream->disposition & AV_DISPOSITION_ATTACHED_PIC) != 0 ? nullptr : stream;
}

/// Quarter turns, clockwise, that the file asks for.
int quarter_turns(const AVStream& stream) {
#if LIBAVCODEC_VERSION_INT >= AV_VERSION_INT(60, 30, 100)
  const AVPacketSideData* const side = av_packet_side_data_get(
      stream.codecpar->coded_side_data, stream.codecpar->nb_coded_side_data, AV_PKT_DATA_DISPLAYMATRIX);
  const std::uint8_t* const data = side == nullptr ? nullptr : side->data;
#else
  const std::uint8_t* const data = av_stream_get_side_data(&stream, AV_PKT_DATA_DISPLAYMATRIX, nullptr);
#endif
  if (data == nullptr) return 0;
  std::int32_t matrix[9];
  std::memcpy(matrix, data, sizeof(matrix));
  const double degrees = av_display_rotation_get(matrix);  // counterclockwise
  return std::isfinite(degrees) ? static_cast<int>(std::lround(-degrees / 90) + 4) % 4 : 0;
}

/// Whether the index at the file's start tells of data beyond the file's end.
bool is_cut_off(const AVFormatContext& input) {
  const std::int64_t size = input.pb == nullptr ? -1 : avio_size(input.pb);
  for (unsigned i = 0; size > 0 && i < input.nb_streams; ++i) {
    const int entries = avformat_index_get_entries_count(input.streams[i]);
    if (entries == 0) continue;
    const AVIndexEntry* const last = avformat_index_get_entry(input.streams[i], entries - 1);
    if (last->pos + last->size > size) return true;
  }
  return false;
}

std::int64_t duration_of(const AVFrame& frame) {
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(57, 30, 100)
  return frame.duration;
#else
  return frame.pkt_duration;
#endif
}

Image turned(const Image& picture, int turns) {
  if (turns == 0) return picture;
  const bool swaps = turns % 2 != 0;
  Image result(swaps ? picture.height : picture.width, swaps ? picture.width : picture.height);
  cv::rotate(view_of(picture), view_of(result),
             turns == 1   ? cv::ROTATE_90_CLOCKWISE
             : turns == 2 ? cv::ROTATE_180
                          : cv::ROTATE_90_COUNTERCLOCKWISE);
  return result;
}

}  // namespace

struct VideoReader::Impl {
  explicit Impl(const fs::path& path) : source(path), input(open_input(path)), packet(av_packet_alloc()) {
    stream = moving_stream(*input);
    if (stream == nullptr) throw DataError("{}: expected a video, found no moving pictures", source.string());
    const AVCodecParameters& coded = *stream->codecpar;
    const AVCodec* const codec = avcodec_find_decoder(coded.codec_id);
    if (codec == nullptr)
      throw DataError("{}: its {} video cannot be decoded here", source.string(), avcodec_get_name(coded.codec_id));
    decoder.reset(avcodec_alloc_context3(codec));
    avcodec_parameters_to_context(decoder.get(), &coded);
    decoder->pkt_timebase = stream->time_base;
    decoder->err_recognition = AV_EF_EXPLODE;  // no made-up pictures in place of damaged ones
    decoder->thread_count = 1;                 // the cores are the network's
    if (const int code = avcodec_open2(decoder.get(), codec, nullptr); code < 0)
      throw DataError("{}: its {} video cannot be decoded: {}", source.string(), codec->name, av_reason(code));
    if (coded.width < 1 || coded.height < 1)
      throw DataError("{}: does not say how large its pictures are", source.string());
    if (is_cut_off(*input)) throw DataError("{}: the video is cut off: its end is missing", source.string());
    fill_format();
    for (unsigned i = 0; i < input->nb_streams; ++i)
      if (input->streams[i] != stream) input->streams[i]->discard = AVDISCARD_ALL;
    decoded.reset(av_frame_alloc());
    rgb = make_frame(AV_PIX_FMT_RGB24, coded.width, coded.height);
  }

  void fill_format() {
    const AVCodecParameters& coded = *stream->codecpar;
    turns = quarter_turns(*stream);
    format.width = coded.width;
    format.height = coded.height;
    format.tick = {stream->time_base.num, stream->time_base.den};
    AVRational aspect = av_guess_sample_aspect_ratio(input.get(), stream, nullptr);
    if (aspect.num <= 0 || aspect.den <= 0) aspect = {1, 1};
    format.pixel_aspect = {aspect.num, aspect.den};
    if (turns % 2 != 0) {
      std::swap(format.width, format.height);
      std::swap(format.pixel_aspect.numerator, format.pixel_aspect.denominator);
    }
    const AVRational rate = av_guess_frame_rate(input.get(), stream, nullptr);
    if (rate.num > 0 && rate.den > 0) format.frames_per_second = av_q2d(rate);
    format.colors = {coded.color_primaries, coded.color_trc, coded.color_space};
    if (input->duration > 0) seconds = static_cast<double>(input->duration) / AV_TIME_BASE;
    if (stream->duration > 0) seconds = static_cast<double>(stream->duration) * av_q2d(stream->time_base);
    frames = stream->nb_frames > 0 ? stream->nb_frames : std::llround(seconds * format.frames_per_second);
    // All streams count from the file's own start, so that they stay together.
    if (input->start_time != AV_NOPTS_VALUE)
      start = av_rescale_q(input->start_time, AVRational{1, AV_TIME_BASE}, stream->time_base);
  }

  [[noreturn]] void damaged(const std::string& why) const {
    throw DataError("{}: is damaged at frame {}, {:.2f} s: {}", source.string(), count + 1,
                    static_cast<double>(next_time) * format.tick.value(), why);
  }

  /// Hands the decoder one more packet, or the news that there is none.
  void feed() {
    while (true) {
      const int code = av_read_frame(input.get(), packet.get());
      if (code == AVERROR_EOF) {
        ended = true;
        avcodec_send_packet(decoder.get(), nullptr);
        return;
      }
      if (code < 0) damaged(av_reason(code));
      const bool ours = packet->stream_index == stream->index;
      const bool corrupt = ours && (packet->flags & AV_PKT_FLAG_CORRUPT) != 0;
      const int sent = ours && !corrupt ? avcodec_send_packet(decoder.get(), packet.get()) : 0;
      av_packet_unref(packet.get());
      if (corrupt) damaged("a piece of it is missing");
      if (sent < 0 && count > 0) damaged(av_reason(sent));  // before that, a recording that began midway
      if (ours) return;
    }
  }

  bool decode() {
    while (true) {
      const int code = avcodec_receive_frame(decoder.get(), decoded.get());
      if (code == 0) return true;
      if (code == AVERROR_EOF || (code == AVERROR(EAGAIN) && ended)) return false;
      if (code != AVERROR(EAGAIN)) damaged(av_reason(code));
      feed();
    }
  }

  /// The next frame; what lasts how long is known only when the one after it is there.
  std::optional<VideoFrame> read() {
    if (!decode()) {
      if (count == 0) throw DataError("{}: expected a video, found no picture in it", source.string());
      return std::nullopt;
    }
    if (decoded->decode_error_flags != 0) damaged("a picture is not complete");
    convert(scaler, *decoded, decoded->color_range == AVCOL_RANGE_JPEG, *rgb, decoded->colorspace);
    VideoFrame frame{.picture = turned(picture(), turns)};
    const std::int64_t stamp = decoded->best_effort_timestamp;
    if (start == AV_NOPTS_VALUE) start = stamp == AV_NOPTS_VALUE ? 0 : stamp;
    frame.time = stamp == AV_NOPTS_VALUE ? next_time : stamp - start;
    if (count > 0) frame.time = std::max(frame.time, last_time + 1);
    frame.duration = std::max<std::int64_t>(0, duration_of(*decoded));
    last_time = frame.time;
    next_time = frame.time + std::max<std::int64_t>(1, frame.duration);
    ++count;
    av_frame_unref(decoded.get());
    return frame;
  }

  std::optional<VideoFrame> next() {
    if (count == 0) ahead = read();
    std::optional<VideoFrame> frame = std::exchange(ahead, std::nullopt);
    if (!frame) return frame;
    ahead = read();
    if (ahead) {
      frame->duration = ahead->time - frame->time;
    } else {
      if (stream->duration > 0 && stream->start_time != AV_NOPTS_VALUE)
        frame->duration = std::max(frame->duration, stream->start_time - start + stream->duration - frame->time);
      warn_if_short(static_cast<double>(frame->time + frame->duration) * format.tick.value());
    }
    return frame;
  }

  void warn_if_short(double reached) const {
    if (input->pb != nullptr && stream->duration <= 0 && input->nb_streams == 1 && reached + kMissingSeconds < seconds)
      log()->warn("[video] {}: ends at {:.2f} s, where it says that it has {:.2f} s", source.string(), reached,
                  seconds);
  }

  /// The rows of `rgb` without what lies between them.
  [[nodiscard]] Image picture() const {
    Image image(rgb->width, rgb->height);
    const auto row = static_cast<std::size_t>(3 * rgb->width);
    for (int y = 0; y < rgb->height; ++y)
      std::memcpy(image.rgb_hwc.data() + row * static_cast<std::size_t>(y),
                  rgb->data[0] + static_cast<std::ptrdiff_t>(y) * rgb->linesize[0], row);
    return image;
  }

  fs::path source;
  Input input;
  AVStream* stream = nullptr;
  Codec decoder;
  Packet packet;
  Frame decoded, rgb;
  Scaler scaler;
  VideoFormat format;
  int turns = 0;
  std::int64_t frames = 0;
  double seconds = 0;
  std::optional<VideoFrame> ahead;
  std::int64_t start = AV_NOPTS_VALUE, count = 0, last_time = 0, next_time = 0;
  bool ended = false;
};

VideoReader::VideoReader(const fs::path& source) : impl_(std::make_unique<Impl>(source)) {}
VideoReader::~VideoReader() = default;

const VideoFormat& VideoReader::format() const {
  return impl_->format;
}
std::int64_t VideoReader::frames() const {
  return impl_->frames;
}
double VideoReader::seconds() const {
  return impl_->seconds;
}
std::optional<VideoFrame> VideoReader::next() {
  return impl_->next();
}

bool is_video(const fs::path& path) {
  std::error_code ignored;
  if (fs::is_character_file(path, ignored)) return true;
  try {
    return moving_stream(*open_input(path)) != nullptr;
  } catch (const DataError&) {
    return false;
  }
}

}  // namespace pocketstyle::media
