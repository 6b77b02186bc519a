// SPDX-License-Identifier: Apache-2.0
#include "media/av.h"
#include "media/decode.h"
#include "media/frame_source.h"
#include "media/mat.h"
#include "media/tone_map.h"
#include "media/transparency.h"

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

constexpr double kMissingSeconds = 1;  // warn if the video is shorter than stated by more than this

/// Clockwise quarter turns that the file asks for.
int quarter_turns(const AVStream& stream) {
  const std::uint8_t* const data = stream_data(stream, AV_PKT_DATA_DISPLAYMATRIX);
  if (data == nullptr) return 0;
  std::int32_t matrix[9];
  std::memcpy(matrix, data, sizeof(matrix));
  const double degrees = av_display_rotation_get(matrix);  // counterclockwise
  return std::isfinite(degrees) ? static_cast<int>(std::lround(-degrees / 90) + 4) % 4 : 0;
}

/// Whether the index at the file's start refers to data beyond the end of the file.
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

std::string_view color_name(const ColorTags& colors) {
  if (colors.transfer == AVCOL_TRC_SMPTE2084) return "HDR (PQ)";
  return colors.transfer == AVCOL_TRC_ARIB_STD_B67 ? "HDR (HLG)" : "its wide gamut";
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

bool has_alpha(const AVFrame& frame) {
  const AVPixFmtDescriptor* const pixels = av_pix_fmt_desc_get(static_cast<AVPixelFormat>(frame.format));
  return pixels != nullptr && (pixels->flags & AV_PIX_FMT_FLAG_ALPHA) != 0;
}

struct AvReader : FrameSource {
  explicit AvReader(const fs::path& path) : source(path), input(open_input(path)), packet(av_packet_alloc()) {
    stream = moving_stream(*input);
    if (stream == nullptr) throw DataError("{}: expected a video, found no moving pictures", source.string());
    decoder = open_decoder(*stream, source.string());
    const AVCodecParameters& coded = *stream->codecpar;
    if (coded.width < 1 || coded.height < 1)
      throw DataError("{}: does not state the size of its pictures", source.string());
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
    coded_colors = {coded.color_primaries, coded.color_trc, coded.color_space};
    format.colors = needs_tone_map(coded_colors) ? kBt709 : coded_colors;  // what is not said here is seen at a frame
    if (input->duration > 0) seconds = static_cast<double>(input->duration) / AV_TIME_BASE;
    if (stream->duration > 0) seconds = static_cast<double>(stream->duration) * av_q2d(stream->time_base);
    frames = stream->nb_frames > 0 ? stream->nb_frames : std::llround(seconds * format.frames_per_second);
    // All streams are timed from the file's start, so that they stay in sync.
    if (input->start_time != AV_NOPTS_VALUE)
      start = av_rescale_q(input->start_time, AVRational{1, AV_TIME_BASE}, stream->time_base);
  }

  [[noreturn]] void damaged(const std::string& why) const {
    throw DataError("{}: is damaged at frame {}, {:.2f} s: {}", source.string(), count + 1,
                    static_cast<double>(next_time) * format.tick.value(), why);
  }

  /// Sends the decoder the next packet, or the end of the stream.
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
      if (sent < 0 && count > 0)
        damaged(av_reason(sent));  // errors before the first frame are normal in a recording that started midway
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

  /// The next frame; its duration is only known when the following frame is decoded.
  std::optional<VideoFrame> read() {
    if (!decode()) {
      if (count == 0) throw DataError("{}: expected a video, found no pictures in it", source.string());
      return std::nullopt;
    }
    if (decoded->decode_error_flags != 0) damaged("a picture is incomplete");
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

  std::optional<VideoFrame> next() override {
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
      log()->warn("[video] {}: ends at {:.2f} s, but its stated length is {:.2f} s", source.string(), reached, seconds);
  }

  /// The decoded frame, as an ordinary display shows it.
  Image picture() {
    if (has_alpha(*decoded)) {
      bgra = make_frame(AV_PIX_FMT_BGRA, rgb->width, rgb->height);
      convert(scaler, *decoded, decoded->color_range == AVCOL_RANGE_JPEG, *bgra, decoded->colorspace);
      return over_white(
          {bgra->height, bgra->width, CV_8UC4, bgra->data[0], static_cast<std::size_t>(bgra->linesize[0])});
    }
    const ColorTags colors = frame_colors();
    if (needs_tone_map(colors)) {
      if (!tone_map) {
        log()->info("[video] {}: {} is brought to BT.709, as ordinary displays have it", source.string(),
                    color_name(colors));
        tone_map.emplace(source.string(), colors, peak_nits(*decoded, *stream));
      }
      tone_map->convert(*decoded, *rgb);
    } else {
      convert(scaler, *decoded, decoded->color_range == AVCOL_RANGE_JPEG, *rgb, decoded->colorspace);
    }
    Image image(rgb->width, rgb->height);
    cv::Mat(rgb->height, rgb->width, CV_8UC3, rgb->data[0], static_cast<std::size_t>(rgb->linesize[0]))
        .copyTo(view_of(image));
    return image;
  }

  /// What the frame says of its colours, or else the file.
  [[nodiscard]] ColorTags frame_colors() const {
    const auto said = [](int frame, int file) { return frame != 2 ? frame : file; };
    return {said(decoded->color_primaries, coded_colors.primaries), said(decoded->color_trc, coded_colors.transfer),
            said(decoded->colorspace, coded_colors.matrix)};
  }

  fs::path source;
  Input input;
  AVStream* stream = nullptr;
  Codec decoder;
  Packet packet;
  Frame decoded, rgb, bgra;
  Scaler scaler;
  ColorTags coded_colors;
  std::optional<ToneMap> tone_map;
  int turns = 0;
  std::optional<VideoFrame> ahead;
  std::int64_t start = AV_NOPTS_VALUE, count = 0, last_time = 0, next_time = 0;
  bool ended = false;
};

}  // namespace

std::unique_ptr<FrameSource> open_by_ffmpeg(const fs::path& source) {
  return std::make_unique<AvReader>(source);
}

Decoded decode_first_frame(const fs::path& path) {
  const Input input = open_input(path);
  const AVStream* const stream = moving_stream(*input);
  if (stream == nullptr) throw std::runtime_error("is not a picture that can be read, or is damaged");
  const Codec decoder = open_decoder(*stream, path.string());
  const Packet packet(av_packet_alloc());
  const Frame frame(av_frame_alloc());
  Scaler scaler;
  bool ended = false;
  while (int code = avcodec_receive_frame(decoder.get(), frame.get())) {
    if (code != AVERROR(EAGAIN) || ended) throw std::runtime_error("is not a picture that can be read, or is damaged");
    ended = av_read_frame(input.get(), packet.get()) < 0;
    avcodec_send_packet(decoder.get(), ended ? nullptr : packet.get());
    av_packet_unref(packet.get());
  }
  check_size(frame->width, frame->height);
  const Frame bgra = make_frame(AV_PIX_FMT_BGRA, frame->width, frame->height);
  convert(scaler, *frame, frame->color_range == AVCOL_RANGE_JPEG, *bgra, frame->colorspace);
  Decoded result;
  cv::Mat(bgra->height, bgra->width, CV_8UC4, bgra->data[0], static_cast<std::size_t>(bgra->linesize[0]))
      .copyTo(result.pixels);
  return result;
}

}  // namespace pocketstyle::media
