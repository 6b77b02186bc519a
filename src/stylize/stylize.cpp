// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/stylize/stylize.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/media/tensor.h"

#include <algorithm>
#include <exception>
#include <string>

namespace pocketstyle::stylize {
namespace {

/// One line of what LibTorch says; its interpreter puts a traceback of many lines before the reason.
std::string reason(const std::exception& error) {
  const auto* const torch_error = dynamic_cast<const c10::Error*>(&error);
  const std::string text = torch_error != nullptr ? torch_error->what_without_backtrace() : error.what();
  const auto start = text.rfind("RuntimeError: ");
  return first_line(start == std::string::npos ? text : text.substr(start));
}

media::Image run(StyleModel& model, const media::Image& photo) {
  try {
    return media::from_tensor_nchw255(model.run(media::to_tensor_nchw255(photo)));
  } catch (const std::exception& error) {
    throw RuntimeFailure("a picture of {}x{} cannot be stylised: {}", photo.width, photo.height, reason(error));
  }
}

}  // namespace

media::Image stylize(StyleModel& model, const media::Image& photo, const StylizeOptions& options) {
  const media::Image content = options.size ? media::resize_long_side(photo, *options.size) : photo;
  const bool small = std::min(content.width, content.height) < model.min_side();
  const media::Image taken = small ? media::resize_short_side(content, model.min_side()) : content;
  media::Image styled = run(model, taken);
  if (small) styled = media::resize(styled, content.width, content.height);
  if (options.keep_colors) styled = media::keep_colors(styled, content);
  if (options.strength < 1.0) styled = media::blend(content, styled, options.strength);
  return styled;
}

}  // namespace pocketstyle::stylize
