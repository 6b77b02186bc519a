// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/stylize/stylize.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"
#include "pocketstyle/core/log.h"
#include "pocketstyle/media/tensor.h"
#include "pocketstyle/stylize/memory.h"
#include "pocketstyle/stylize/strips.h"

#include <algorithm>
#include <cmath>
#include <exception>
#include <limits>
#include <string>

namespace pocketstyle::stylize {
namespace {

constexpr double kShareOfFree = 0.8;  // the rest is for other programs, and a margin for the estimate

/// One line of LibTorch's message; its interpreter puts a long stack trace before the reason.
std::string reason(const std::exception& error) {
  const auto* const torch_error = dynamic_cast<const c10::Error*>(&error);
  const std::string text = torch_error != nullptr ? torch_error->what_without_backtrace() : error.what();
  const auto start = text.rfind("RuntimeError: ");
  return first_line(start == std::string::npos ? text : text.substr(start));
}

/// Memory that the network and the result may use, besides what is in use already.
std::uint64_t room(const StylizeOptions& options) {
  if (options.memory_bytes) return *options.memory_bytes - std::min(*options.memory_bytes, resident_memory());
  const auto available = available_memory();
  return available ? static_cast<std::uint64_t>(static_cast<double>(*available) * kShareOfFree)
                   : std::numeric_limits<std::int64_t>::max();
}

media::Image run_strips(const nn::StyleNet& net, const media::Image& photo, std::uint64_t bytes) {
  media::Image styled;
  styled.width = photo.width;
  styled.height = photo.height;
  styled.rgb_hwc.reserve(photo.rgb_hwc.size());  // uses no memory before it is written, when the last level is freed
  run_in_strips(net, photo, {.activation_bytes = bytes}, [&](const torch::Tensor& rows) {
    const media::Image strip = media::from_tensor_nchw255(rows);
    styled.rgb_hwc.insert(styled.rgb_hwc.end(), strip.rgb_hwc.begin(), strip.rgb_hwc.end());
  });
  return styled;
}

media::Image run(StyleModel& model, const media::Image& photo, const StylizeOptions& options) {
  const std::uint64_t needed = model.run_bytes(photo.height, photo.width), bytes = room(options);
  const bool whole = needed <= bytes;
  const nn::StyleNet net = whole ? nn::StyleNet(nullptr) : model.net();
  if (!whole)
    log()->debug("[stylize] {}x{} in strips: the whole needs {}, only {} may be used", photo.width, photo.height,
                 human_bytes(static_cast<double>(needed)), human_bytes(static_cast<double>(bytes)));
  try {
    if (!whole) return run_strips(net, photo, bytes);
    return media::from_tensor_nchw255(model.run(media::to_tensor_nchw255(photo)));
  } catch (const std::exception& error) {
    throw RuntimeFailure("a picture of {}x{} cannot be stylised: {}", photo.width, photo.height, reason(error));
  }
}

}  // namespace

media::Image stylize(StyleModel& model, const media::Image& photo, const StylizeOptions& options) {
  media::Image resized, scaled;  // avoids copying a large photo
  if (options.size) resized = media::resize_long_side(photo, *options.size);
  const media::Image& content = options.size ? resized : photo;
  const std::int64_t side = std::min(content.width, content.height);
  const std::int64_t wanted =
      std::max<std::int64_t>(std::llround(static_cast<double>(side) / options.style_scale), model.min_side());
  const bool rescales = wanted != side;
  if (rescales) scaled = media::resize_short_side(content, wanted);
  media::Image styled = run(model, rescales ? scaled : content, options);
  if (rescales) styled = media::resize(styled, content.width, content.height);
  if (options.keep_colors) styled = media::keep_colors(styled, content);
  if (options.strength < 1.0) styled = media::blend(content, styled, options.strength);
  return styled;
}

}  // namespace pocketstyle::stylize
