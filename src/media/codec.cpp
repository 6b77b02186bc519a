// SPDX-License-Identifier: Apache-2.0
#include "media/container.h"
#include "media/mat.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"

#include <opencv2/core/utils/logger.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <array>
#include <limits>

namespace pocketstyle::media {
namespace fs = std::filesystem;
namespace {

constexpr std::array<std::string_view, 8> kReadable = {".jpg", ".jpeg", ".png",  ".webp",
                                                       ".bmp", ".tif",  ".tiff", ".ppm"};
constexpr std::array<std::string_view, 4> kWritable = {".png", ".jpg", ".jpeg", ".webp"};
constexpr std::size_t kMaxBytes = std::numeric_limits<int>::max();  // a matrix holds no more

/// BGR(A) or grey of 8 or 16 bits to RGB of 8 bits, transparent parts over white.
cv::Mat to_rgb8(cv::Mat decoded) {
  if (decoded.depth() == CV_16U) decoded.convertTo(decoded, CV_8U, 1.0 / 257.0);
  if (decoded.depth() != CV_8U) throw std::runtime_error("expected 8 or 16 bits a channel");
  cv::Mat rgb;
  if (decoded.channels() == 1) {
    cv::cvtColor(decoded, rgb, cv::COLOR_GRAY2RGB);
  } else if (decoded.channels() == 3) {
    cv::cvtColor(decoded, rgb, cv::COLOR_BGR2RGB);
  } else if (decoded.channels() == 4) {
    cv::cvtColor(decoded, rgb, cv::COLOR_BGRA2RGB);
    rgb.forEach<cv::Vec3b>([&](cv::Vec3b& pixel, const int* at) {
      const int alpha = decoded.at<cv::Vec4b>(at[0], at[1])[3];
      for (int c = 0; c < 3; ++c)
        pixel[c] = static_cast<std::uint8_t>((pixel[c] * alpha + 255 * (255 - alpha) + 127) / 255);
    });
  } else {
    throw std::runtime_error("expected 1, 3 or 4 channels");
  }
  return rgb;
}

/// As the eight values of EXIF orientation ask: 2, 3, 4 mirror or turn by 180 degrees, 5 to 8 swap the axes first.
cv::Mat turned(const cv::Mat& image, int orientation) {
  constexpr int kBoth = -1, kUpsideDown = 0, kLeftRight = 1;
  cv::Mat upright = orientation >= 5 ? cv::Mat(image.t()) : image;
  if (orientation == 2 || orientation == 6) cv::flip(upright, upright, kLeftRight);
  if (orientation == 3 || orientation == 7) cv::flip(upright, upright, kBoth);
  if (orientation == 4 || orientation == 8) cv::flip(upright, upright, kUpsideDown);
  return upright;
}

cv::Mat decode(const std::string& bytes, const Container& container) {
  const cv::Mat data(1, static_cast<int>(bytes.size()), CV_8UC1, const_cast<char*>(bytes.data()));  // NOLINT
  // Turned here rather than by OpenCV, which turns neither pictures with alpha nor, in some versions, PNG and WebP.
  constexpr int kColor = cv::IMREAD_COLOR | cv::IMREAD_ANYDEPTH | cv::IMREAD_IGNORE_ORIENTATION;
  cv::Mat decoded = cv::imdecode(data, container.is_jpeg ? kColor : cv::IMREAD_UNCHANGED);
  if (!container.is_jpeg && !decoded.empty() && decoded.channels() != 4) decoded = cv::imdecode(data, kColor);
  return decoded.empty() ? decoded : turned(to_rgb8(decoded), container.orientation);
}

}  // namespace

std::span<const std::string_view> readable_extensions() {
  return kReadable;
}
std::span<const std::string_view> writable_extensions() {
  return kWritable;
}

Image load_image(const fs::path& path) {
  cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
  const std::string bytes = read_file(path);
  if (bytes.empty()) throw DataError("{}: is empty, expected a picture", path.string());
  if (bytes.size() > kMaxBytes)
    throw DataError("{}: has {}, expected a picture of at most {}", path.string(),
                    human_bytes(static_cast<double>(bytes.size())), human_bytes(kMaxBytes));
  const Container container = examine(bytes);
  // OpenCV fills what is missing of a JPEG with grey and only prints a warning.
  if (container.is_cut_off) throw DataError("{}: the picture is truncated", path.string());
  try {
    const cv::Mat rgb = decode(bytes, container);
    if (rgb.empty()) throw DataError("{}: is not a picture that can be read, or is damaged", path.string());
    Image image(rgb.cols, rgb.rows);
    rgb.copyTo(view_of(image));
    return image;
  } catch (const cv::Exception& error) {
    throw DataError("{}: cannot be decoded: {}", path.string(), first_line(error.err));
  } catch (const std::bad_alloc&) {
    throw DataError("{}: the picture is too large for this machine's memory", path.string());
  } catch (const Error&) {
    throw;
  } catch (const std::runtime_error& error) {
    throw DataError("{}: {}", path.string(), error.what());
  }
}

void check_writable(const fs::path& path) {
  const std::string extension = lower_extension(path);
  if (std::find(kWritable.begin(), kWritable.end(), extension) == kWritable.end())
    throw UsageError("{}: cannot write '{}', expected .png, .jpg or .webp", path.string(), extension);
}

void save_image(const fs::path& path, const Image& image, int quality) {
  check_writable(path);
  const std::string extension = lower_extension(path);
  std::vector<int> options;
  if (extension == ".jpg" || extension == ".jpeg") options = {cv::IMWRITE_JPEG_QUALITY, quality};
  if (extension == ".webp") options = {cv::IMWRITE_WEBP_QUALITY, quality};
  cv::Mat bgr;
  std::vector<std::uint8_t> encoded;
  try {
    cv::cvtColor(view_of(image), bgr, cv::COLOR_RGB2BGR);
    if (!cv::imencode(extension, bgr, encoded, options)) throw DataError("{}: encoding failed", path.string());
  } catch (const cv::Exception& error) {
    throw DataError("{}: encoding failed: {}", path.string(), first_line(error.err));
  }
  write_file_atomically(path, {reinterpret_cast<const char*>(encoded.data()), encoded.size()});
}

}  // namespace pocketstyle::media
