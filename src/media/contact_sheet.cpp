// SPDX-License-Identifier: Apache-2.0
#include "media/mat.h"

#include <opencv2/imgproc.hpp>

#include <algorithm>

namespace pocketstyle::media {
namespace {
constexpr int kMargin = 8, kLeastLabelWidth = 110, kFont = cv::FONT_HERSHEY_SIMPLEX;
constexpr double kFontScale = 0.5;
const cv::Scalar kPaper(250, 250, 248), kInk(40, 40, 44);
}  // namespace

Image contact_sheet(std::span<const LabelledRow> rows, std::int64_t cell_width, std::int64_t cell_height) {
  std::size_t columns = 1;
  for (const LabelledRow& row : rows) columns = std::max(columns, row.images.size());
  int label_width = kLeastLabelWidth;
  for (const LabelledRow& row : rows) {
    int baseline = 0;
    const cv::Size size = cv::getTextSize(std::string(row.label), kFont, kFontScale, 1, &baseline);
    label_width = std::max(label_width, size.width + 3 * kMargin);
  }
  Image sheet(label_width + static_cast<std::int64_t>(columns) * (cell_width + kMargin) + kMargin,
              static_cast<std::int64_t>(rows.size()) * (cell_height + kMargin) + kMargin);
  cv::Mat canvas = view_of(sheet);
  canvas.setTo(kPaper);
  std::int64_t top = kMargin;
  for (const LabelledRow& row : rows) {
    cv::putText(canvas, std::string(row.label), {kMargin, static_cast<int>(top + cell_height / 2)}, kFont, kFontScale,
                kInk, 1, cv::LINE_AA);
    std::int64_t left = label_width;
    for (const Image& image : row.images) {
      const double factor = std::min(static_cast<double>(cell_width) / static_cast<double>(image.width),
                                     static_cast<double>(cell_height) / static_cast<double>(image.height));
      const auto width =
          std::max<std::int64_t>(1, static_cast<std::int64_t>(static_cast<double>(image.width) * factor));
      const auto height =
          std::max<std::int64_t>(1, static_cast<std::int64_t>(static_cast<double>(image.height) * factor));
      const Image fitted = resize(image, width, height);
      const cv::Rect place(static_cast<int>(left + (cell_width - width) / 2),
                           static_cast<int>(top + (cell_height - height) / 2), static_cast<int>(width),
                           static_cast<int>(height));
      view_of(fitted).copyTo(canvas(place));
      left += cell_width + kMargin;
    }
    top += cell_height + kMargin;
  }
  return sheet;
}

}  // namespace pocketstyle::media
