// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/data/style.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"
#include "pocketstyle/core/log.h"
#include "pocketstyle/media/colors.h"
#include "pocketstyle/media/frame.h"
#include "pocketstyle/media/photo_files.h"
#include "pocketstyle/media/tensor.h"

#include <algorithm>
#include <numeric>
#include <optional>

namespace pocketstyle::data {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kPhotosForColors = 64;
constexpr std::int64_t kColorSide = 128;  // long side to which photos are resized to measure their colours

/// Minimum side of a style picture: VGG-16's deepest tap is at an eighth of the resolution.
constexpr std::int64_t kLeastSide = 32;

/// Throws DataError if the picture is too small; warns if it would be enlarged a lot.
void check_size(const media::Image& picture, std::int64_t size, const fs::path& path) {
  if (std::min(picture.width, picture.height) < kLeastSide)
    throw DataError("{}: is {}x{} pixels, expected a style picture of {}x{} or more, best {} on the long side",
                    path.string(), picture.width, picture.height, kLeastSide, kLeastSide, size);
  if (2 * std::max(picture.width, picture.height) <= size)
    log()->warn(
        "[style] {}: is {}x{} pixels and will be enlarged to style.size, {}, which blurs it; expected {} or more on "
        "the long side, or a smaller style.size",
        path.string(), picture.width, picture.height, size, size / 2 + 1);
}

media::Image trimmed(const media::Image& picture, const fs::path& path) {
  const media::Margins frame = media::find_frame(picture);
  if (!frame.any()) return picture;
  log()->warn(
      "[style] {}: cropped off a plain frame (left {}, top {}, right {}, bottom {} pixels), since networks would draw "
      "it; "
      "style.trim: false keeps it",
      path.string(), frame.left, frame.top, frame.right, frame.bottom);
  return media::without_margins(picture, frame);
}

media::ColorStatistics colors_of(const fs::path& folder) {
  std::vector<media::Image> photos;
  for (const fs::path& path : media::find_photos(folder).photos) {
    try {
      photos.push_back(media::resize_long_side(media::load_image(path), kColorSide));
    } catch (const DataError&) {  // Batches logs it
    }
    if (photos.size() == kPhotosForColors) break;
  }
  if (photos.empty()) throw DataError("{}: expected photos for style.colors, found none", folder.string());
  return media::color_statistics(photos);
}

/// Every value's distance from the picture's mean luma times `factor`, within 0..255.
torch::Tensor with_contrast(const torch::Tensor& picture_nchw255, double factor) {
  const torch::Tensor mean = media::luma(picture_nchw255[0]).mean();
  return (mean + factor * (picture_nchw255 - mean)).clamp(0, 255);
}

}  // namespace

Style load_style(const config::Config& config) {
  const config::StyleConfig& style = config.style;
  std::vector<fs::path> paths = {style.image};
  paths.insert(paths.end(), style.more.begin(), style.more.end());
  std::vector<double> weights = style.weights;
  if (weights.empty()) weights.assign(paths.size(), 1.0);
  const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
  std::optional<media::ColorStatistics> colors;
  if (style.colors == "photos") colors = colors_of(config.data.train);

  Style result;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    media::Image picture = media::load_image(paths[i]);
    if (style.trim) picture = trimmed(picture, paths[i]);
    check_size(picture, style.size, paths[i]);
    picture = media::resize_long_side(picture, style.size);
    if (colors) picture = media::match_colors(picture, *colors);
    const torch::Tensor tensor = media::to_tensor_nchw255(picture);
    result.pictures_nchw255.push_back(colors ? tensor : with_contrast(tensor, style.contrast));
    result.shares.push_back(weights[i] / sum);
  }
  return result;
}

}  // namespace pocketstyle::data
