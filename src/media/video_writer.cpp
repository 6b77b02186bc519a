// SPDX-License-Identifier: Apache-2.0
#include "media/audio.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <map>

namespace pocketstyle::media {
namespace fs = std::filesystem;
namespace {

constexpr std::array<std::string_view, 4> kWritableVideos = {".mp4", ".m4v", ".mov", ".mkv"};
constexpr const char* kEncoder = "libx264";
constexpr const char* kPreset = "medium";

const char* muxer_of(const fs::path& path) {
  const std::string extension = lower_extension(path);
  return extension == ".mkv" ? "matroska" : extension == ".mov" ? "mov" : "mp4";
}

AVRational rational(const Rational& value) {
  return {static_cast<int>(value.numerator), static_cast<int>(value.denominator)};
}

struct FreeOutput {
  void operator()(AVFormatContext* context) const {
    avio_closep(&context->pb);
    avformat_free_context(context);
  }
};

}  // namespace

std::span<const std::string_view> writable_video_extensions() {
  return kWritableVideos;
}

void check_writable_video(const fs::path& path) {
  const std::string extension = lower_extension(path);
  if (std::find(kWritableVideos.begin(), kWritableVideos.end(), extension) == kWritableVideos.end())
    throw UsageError("{}: cannot write '{}', expected {}", path.string(), extension, fmt::join(kWritableVideos, ", "));
}

struct VideoWriter::Impl {
  Impl(const fs::path& result, const VideoFormat& wanted, const VideoWriterOptions& options)
      : path((check_writable_video(result), result)), format(wanted), file(result), packet(av_packet_alloc()) {
    av_log_set_level(AV_LOG_QUIET);
    AVFormatContext* made = nullptr;
    if (avformat_alloc_output_context2(&made, nullptr, muxer_of(path), nullptr) < 0)
      throw RuntimeFailure("{}: this build of FFmpeg cannot write {} files", path.string(), muxer_of(path));
    output.reset(made);
    track = avformat_new_stream(output.get(), nullptr);
    if (track == nullptr) throw std::bad_alloc();
    open_encoder(options.crf);
    if (!options.audio_from.empty()) audio.emplace(options.audio_from, *output, path);
    check(avio_open(&output->pb, ("file:" + file.temporary().string()).c_str(), AVIO_FLAG_WRITE), "cannot be written");
    check(avformat_write_header(output.get(), nullptr), "writing failed");
    const int width = encoder->width, height = encoder->height;
    rgb = make_frame(AV_PIX_FMT_RGB24, width, height);
  }

  void open_encoder(int crf) {
    const AVCodec* const codec = avcodec_find_encoder_by_name(kEncoder);
    if (codec == nullptr)
      throw RuntimeFailure("{}: this build of FFmpeg has no {}, which writes H.264", path.string(), kEncoder);
    constexpr std::int64_t kEven = 2;
    if (format.width < kEven || format.height < kEven)
      throw UsageError("{}: a video of {}x{}, expected 2 pixels or more per side", path.string(), format.width,
                       format.height);
    encoder.reset(avcodec_alloc_context3(codec));
    encoder->width = static_cast<int>(format.width / kEven * kEven);
    encoder->height = static_cast<int>(format.height / kEven * kEven);
    encoder->pix_fmt = AV_PIX_FMT_YUV420P;
    encoder->time_base = rational(format.tick);
    encoder->framerate = av_d2q(format.frames_per_second, 1'000'000);
    encoder->sample_aspect_ratio = rational(format.pixel_aspect);
    encoder->color_primaries = static_cast<AVColorPrimaries>(format.colors.primaries);
    encoder->color_trc = static_cast<AVColorTransferCharacteristic>(format.colors.transfer);
    encoder->colorspace = static_cast<AVColorSpace>(matrix());
    encoder->color_range = AVCOL_RANGE_MPEG;
    encoder->thread_count = 1;  // leave the cores to the network
    encoder->max_b_frames =
        0;  // coding order equals display order, so the file's last duration is that of the last frame
    if ((output->oformat->flags & AVFMT_GLOBALHEADER) != 0) encoder->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    av_opt_set(encoder->priv_data, "preset", kPreset, 0);
    av_opt_set_double(encoder->priv_data, "crf", crf, 0);
    if (const int code = avcodec_open2(encoder.get(), codec, nullptr); code < 0)
      throw RuntimeFailure("{}: {}x{} cannot be encoded: {}", path.string(), encoder->width, encoder->height,
                           av_reason(code));
    avcodec_parameters_from_context(track->codecpar, encoder.get());
    track->time_base = encoder->time_base;
    track->sample_aspect_ratio = encoder->sample_aspect_ratio;
    track->avg_frame_rate = encoder->framerate;
  }

  /// 4:2:0 is YUV, so an RGB matrix of the source does not apply.
  [[nodiscard]] int matrix() const {
    return format.colors.matrix == AVCOL_SPC_RGB ? static_cast<int>(AVCOL_SPC_UNSPECIFIED) : format.colors.matrix;
  }

  void check(int code, const char* what) const {
    if (code < 0) throw DataError("{}: {}: {}", path.string(), what, av_reason(code));
  }

  void put(AVPacket& one) { check(av_interleaved_write_frame(output.get(), &one), "writing failed"); }

  void put_audio_until(double seconds) {
    if (audio) audio->until(seconds, [&](AVPacket& one) { put(one); });
  }

  /// Encodes the picture, or flushes the encoder if null, and writes the resulting packets.
  void encode(AVFrame* picture) {
    check(avcodec_send_frame(encoder.get(), picture), "encoding failed");
    while (true) {
      const int code = avcodec_receive_packet(encoder.get(), packet.get());
      if (code == AVERROR(EAGAIN) || code == AVERROR_EOF) return;
      check(code, "encoding failed");
      const auto duration = durations.extract(packet->pts);
      if (!duration.empty()) packet->duration = duration.mapped();
      packet->stream_index = track->index;
      put_audio_until(static_cast<double>(packet->dts) * av_q2d(encoder->time_base));
      av_packet_rescale_ts(packet.get(), encoder->time_base, track->time_base);
      put(*packet);
    }
  }

  void write(const VideoFrame& frame) {
    const Image& picture = frame.picture;
    if (picture.width != format.width || picture.height != format.height)
      throw RuntimeFailure("{}: a frame of {}x{}, expected {}x{} like the others", path.string(), picture.width,
                           picture.height, format.width, format.height);
    for (int y = 0; y < rgb->height; ++y)
      std::memcpy(rgb->data[0] + static_cast<std::ptrdiff_t>(y) * rgb->linesize[0],
                  picture.rgb_hwc.data() + 3 * picture.width * y, static_cast<std::size_t>(3 * rgb->width));
    const Frame yuv = make_frame(AV_PIX_FMT_YUV420P, rgb->width, rgb->height);
    convert(scaler, *rgb, /*from_full_range=*/true, *yuv, matrix());
    yuv->pts = frame.time;
    if (frame.duration > 0) durations[frame.time] = frame.duration;
    end = std::max(end, static_cast<double>(frame.time + frame.duration) * format.tick.value());
    encode(yuv.get());
  }

  void finish(bool whole_audio) {
    encode(nullptr);
    put_audio_until(whole_audio ? std::numeric_limits<double>::infinity() : end);
    if (audio) audio->finish([&](AVPacket& one) { put(one); });
    check(av_write_trailer(output.get()), "writing failed");
    check(avio_closep(&output->pb), "writing failed");
    file.commit();
  }

  fs::path path;
  VideoFormat format;
  AtomicFile file;
  std::unique_ptr<AVFormatContext, FreeOutput> output;
  AVStream* track = nullptr;
  Codec encoder;
  std::optional<AudioTracks> audio;
  Packet packet;
  Frame rgb;
  Scaler scaler;
  std::map<std::int64_t, std::int64_t> durations;  ///< by time, of frames inside the encoder
  double end = 0;                                  ///< end of the last frame, in seconds
};

VideoWriter::VideoWriter(const fs::path& path, const VideoFormat& format, const VideoWriterOptions& options)
    : impl_(std::make_unique<Impl>(path, format, options)) {}
VideoWriter::~VideoWriter() = default;

void VideoWriter::write(const VideoFrame& frame) {
  impl_->write(frame);
}
void VideoWriter::finish(bool whole_audio) {
  impl_->finish(whole_audio);
}

}  // namespace pocketstyle::media
