// SPDX-License-Identifier: Apache-2.0
#include "media/webp.h"

#include "media/decode.h"

#include <webp/decode.h>

#include <stdexcept>

namespace pocketstyle::media {
namespace {

[[noreturn]] void refuse() {
  throw std::runtime_error("is not a picture that can be read, or is damaged");
}

}  // namespace

WebpAnimation::WebpAnimation(std::string bytes) : bytes_(std::move(bytes)) {
  WebPAnimDecoderOptions options;
  WebPAnimDecoderOptionsInit(&options);
  options.color_mode = MODE_BGRA;
  const WebPData data{reinterpret_cast<const std::uint8_t*>(bytes_.data()), bytes_.size()};
  decoder_.reset(WebPAnimDecoderNew(&data, &options));
  WebPAnimInfo info;
  if (decoder_ == nullptr || WebPAnimDecoderGetInfo(decoder_.get(), &info) == 0) refuse();
  width_ = static_cast<int>(info.canvas_width);
  height_ = static_cast<int>(info.canvas_height);
  frames_ = static_cast<int>(info.frame_count);
}

std::optional<WebpAnimation::Shown> WebpAnimation::next() {
  if (WebPAnimDecoderHasMoreFrames(decoder_.get()) == 0) return std::nullopt;
  std::uint8_t* canvas = nullptr;
  int end = 0;
  if (WebPAnimDecoderGetNext(decoder_.get(), &canvas, &end) == 0) refuse();
  Shown shown{.bgra = cv::Mat(height_, width_, CV_8UC4, canvas), .start = end_, .end = end};
  end_ = end;
  return shown;
}

Decoded decode_webp(std::string_view bytes) {
  WebPBitstreamFeatures features;
  const auto* const data = reinterpret_cast<const std::uint8_t*>(bytes.data());
  if (WebPGetFeatures(data, bytes.size(), &features) != VP8_STATUS_OK) refuse();
  check_size(features.width, features.height);
  Decoded result;
  if (features.has_animation != 0) {
    WebpAnimation animation{std::string(bytes)};
    auto first = animation.next();
    if (!first) refuse();
    result.pixels = first->bgra.clone();
    return result;
  }
  result.pixels.create(features.height, features.width, features.has_alpha != 0 ? CV_8UC4 : CV_8UC3);
  const std::size_t stride = result.pixels.step, size = stride * static_cast<std::size_t>(features.height);
  const auto decode = features.has_alpha != 0 ? WebPDecodeBGRAInto : WebPDecodeBGRInto;
  if (decode(data, bytes.size(), result.pixels.data, size, static_cast<int>(stride)) == nullptr) refuse();
  return result;
}

}  // namespace pocketstyle::media
