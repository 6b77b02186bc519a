// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/stylize/stylize.h"

#include <algorithm>

#include "pocketstyle/media/tensor.h"

namespace pocketstyle::stylize {

media::Image stylize(StyleModel& model, const media::Image& photo, const StylizeOptions& options) {
  const media::Image content = options.size ? media::resize_long_side(photo, *options.size) : photo;
  const bool small = std::min(content.width, content.height) < model.min_side();
  const media::Image taken = small ? media::resize_short_side(content, model.min_side()) : content;
  media::Image styled = media::from_tensor_nchw255(model.run(media::to_tensor_nchw255(taken)));
  if (small) styled = media::resize(styled, content.width, content.height);
  if (options.keep_colors) styled = media::keep_colors(styled, content);
  if (options.strength < 1.0) styled = media::blend(content, styled, options.strength);
  return styled;
}

}  // namespace pocketstyle::stylize
