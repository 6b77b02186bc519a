// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/data/style.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"
#include "pocketstyle/core/log.h"
#include "pocketstyle/media/colors.h"
#include "pocketstyle/media/frame.h"
#include "pocketstyle/media/tensor.h"

#include <numeric>
#include <optional>

namespace pocketstyle::data {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kPhotosForColors = 64;
constexpr std::int64_t kColorSide = 128;  // long side of a photo whose colours are taken

media::Image trimmed(const media::Image& picture, const fs::path& path) {
  const media::Margins frame = media::find_frame(picture);
  if (!frame.any()) return picture;
  log()->warn(
      "[style] {}: a plain frame is cut off (left {}, top {}, right {}, bottom {} pixels), since networks would draw "
      "it; "
      "style.trim: false keeps it",
      path.string(), frame.left, frame.top, frame.right, frame.bottom);
  return media::without_margins(picture, frame);
}

media::ColorStatistics colors_of(const fs::path& folder) {
  std::vector<media::Image> photos;
  for (const fs::path& path : list_files(folder, media::readable_extensions())) {
    try {
      photos.push_back(media::resize_long_side(media::load_image(path), kColorSide));
    } catch (const DataError&) {  // Batches names it
    }
    if (photos.size() == kPhotosForColors) break;
  }
  if (photos.empty()) throw DataError("{}: expected photos for style.colors, found none", folder.string());
  return media::color_statistics(photos);
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
    picture = media::resize_long_side(picture, style.size);
    if (colors) picture = media::match_colors(picture, *colors);
    result.pictures_nchw255.push_back(media::to_tensor_nchw255(picture));
    result.shares.push_back(weights[i] / sum);
  }
  return result;
}

}  // namespace pocketstyle::data
