// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/stylize/video.h"

#include "stylize/still_change.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/media/video.h"
#include "pocketstyle/stylize/stylize.h"

#include <algorithm>
#include <chrono>
#include <future>
#include <utility>

namespace pocketstyle::stylize {
namespace {

/// The source's format with the result's size.
media::VideoFormat format_of(const media::VideoReader& reader, const media::Image& picture) {
  media::VideoFormat format = reader.format();
  format.width = picture.width;
  format.height = picture.height;
  return format;
}

std::int64_t expected_frames(const media::VideoReader& reader, const VideoOptions& options) {
  if (!options.seconds) return reader.frames();
  const auto wanted = static_cast<std::int64_t>(*options.seconds * reader.format().frames_per_second + 0.5);
  return reader.frames() > 0 ? std::min(reader.frames(), wanted) : wanted;
}

}  // namespace

VideoProgress stylize_video(StyleModel& model, const std::filesystem::path& source, const std::filesystem::path& result,
                            const VideoOptions& options, const std::function<bool(const VideoProgress&)>& report) {
  using Clock = std::chrono::steady_clock;
  media::VideoReader reader(source);
  const bool has_audio = options.audio && std::filesystem::is_regular_file(source) && !media::is_animation(source);
  std::optional<media::VideoWriter> writer;
  StylizeOptions frame_options = options.frame;
  const std::optional<std::int64_t> size = std::exchange(frame_options.size, std::nullopt);  // resizing is done here
  VideoProgress progress;
  progress.expected_frames = expected_frames(reader, options);
  StillChange still;
  bool whole = true;

  // As in pipeline.cpp. An error in a frame ends the work; the futures wait for their threads.
  const auto read = [&] {
    return std::async([&] {
      auto frame = reader.next();
      if (frame && size) frame->picture = media::resize_long_side(frame->picture, *size);
      return frame;
    });
  };
  std::future<std::optional<media::VideoFrame>> reading = read();
  std::future<void> writing;
  while (auto frame = reading.get()) {
    const double time = static_cast<double>(frame->time) * reader.format().tick.value();
    if (options.seconds && time >= *options.seconds) {
      whole = false;
      break;
    }
    reading = read();
    media::VideoFrame styled{.picture = {}, .time = frame->time, .duration = frame->duration};
    const auto start = Clock::now();
    try {
      styled.picture = stylize(model, frame->picture, frame_options);
    } catch (const Error& error) {
      throw Error(error.kind(), fmt::format("{}: frame {}: {}", source.string(), progress.frames + 1, error.what()));
    }
    progress.network_ms += std::chrono::duration<double, std::milli>(Clock::now() - start).count();
    still.add(std::move(frame->picture), styled.picture);
    progress.still_share = still.share();
    progress.still_change = still.change();
    ++progress.frames;
    progress.seconds = time + static_cast<double>(frame->duration) * reader.format().tick.value();
    if (writing.valid()) writing.get();
    if (!writer) {
      writer.emplace(
          result, format_of(reader, styled.picture),
          media::VideoWriterOptions{.crf = options.crf, .audio_from = has_audio ? source : std::filesystem::path()});
      progress.width = styled.picture.width / 2 * 2;  // as written by VideoWriter
      progress.height = styled.picture.height / 2 * 2;
    }
    writing = std::async([&writer, next = std::move(styled)] { writer->write(next); });
    if (!report(progress)) {
      progress.stopped = true;
      whole = false;
      break;
    }
  }
  if (writing.valid()) writing.get();
  if (!writer) throw DataError("{}: expected frames within {} seconds, found none", source.string(), *options.seconds);
  writer->finish(whole);
  return progress;
}

}  // namespace pocketstyle::stylize
