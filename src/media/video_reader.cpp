// SPDX-License-Identifier: Apache-2.0
#include "media/container.h"
#include "media/frame_source.h"
#include "media/transparency.h"
#include "media/webp.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"

#include <fstream>
#include <system_error>

namespace pocketstyle::media {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kHead = 4096;  // where a picture says what it is

std::string read_head(const fs::path& path) {
  std::string head(kHead, '\0');
  std::ifstream in(path, std::ios::binary);
  in.read(head.data(), static_cast<std::streamsize>(head.size()));
  head.resize(static_cast<std::size_t>(std::max<std::streamsize>(0, in.gcount())));
  return head;
}

bool is_file(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}

struct WebpSource : FrameSource {
  explicit WebpSource(const fs::path& path) : source(path), animation(read_file(path)) {
    format.width = animation.width();
    format.height = animation.height();
    format.tick = {1, 1000};
    frames = animation.frames();
  }

  std::optional<VideoFrame> next() override {
    try {
      const auto shown = animation.next();
      if (!shown) return std::nullopt;
      ++count;
      // Players show a frame without a duration for a moment too.
      const std::int64_t duration = std::max(1, shown->end - shown->start);
      VideoFrame frame{
          .picture = over_white(shown->bgra), .time = std::max<std::int64_t>(end, shown->start), .duration = duration};
      end = frame.time + duration;
      return frame;
    } catch (const std::runtime_error&) {
      throw DataError("{}: is damaged at frame {}, {:.2f} s", source.string(), count + 1,
                      static_cast<double>(end) / 1000);
    }
  }

  fs::path source;
  WebpAnimation animation;
  std::int64_t count = 0, end = 0;
};

std::unique_ptr<FrameSource> open(const fs::path& source) {
  if (!is_file(source)) return open_by_ffmpeg(source);
  const PictureFormat format = examine(read_head(source)).format;
  if (format != PictureFormat::other && !is_animation(source))
    throw DataError("{}: expected a video, found no moving pictures", source.string());
  return format == PictureFormat::webp ? open_webp_animation(source) : open_by_ffmpeg(source);
}

}  // namespace

std::unique_ptr<FrameSource> open_webp_animation(const fs::path& source) {
  try {
    return std::make_unique<WebpSource>(source);
  } catch (const Error&) {
    throw;
  } catch (const std::runtime_error&) {
    throw DataError("{}: is damaged at its start, expected an animation", source.string());
  }
}

struct VideoReader::Impl {
  std::unique_ptr<FrameSource> source;
};

VideoReader::VideoReader(const fs::path& source) : impl_(std::make_unique<Impl>(open(source))) {}
VideoReader::~VideoReader() = default;

const VideoFormat& VideoReader::format() const {
  return impl_->source->format;
}
std::int64_t VideoReader::frames() const {
  return impl_->source->frames;
}
double VideoReader::seconds() const {
  return impl_->source->seconds;
}
std::optional<VideoFrame> VideoReader::next() {
  return impl_->source->next();
}

bool is_animation(const fs::path& path) {
  if (!is_file(path)) return false;
  try {
    const std::string head = read_head(path);
    const Container start = examine(head);
    switch (start.format) {
      case PictureFormat::gif:
        return examine(read_file(path)).is_animated;
      case PictureFormat::webp:  // the letters stand before any picture data
        return head.find("ANIM") != std::string::npos && examine(read_file(path)).is_animated;
      case PictureFormat::heic:
      case PictureFormat::avif:
        return start.is_animated && open_by_ffmpeg(path)->frames > 1;
      default:
        return start.is_animated;
    }
  } catch (const Error&) {
    return false;  // its reader says why
  }
}

bool is_video(const fs::path& path) {
  std::error_code ignored;
  if (fs::is_character_file(path, ignored)) return true;
  if (is_file(path) && examine(read_head(path)).format != PictureFormat::other) return is_animation(path);
  try {
    open_by_ffmpeg(path);
    return true;
  } catch (const DataError&) {
    return false;
  }
}

}  // namespace pocketstyle::media
