// SPDX-License-Identifier: Apache-2.0
#include "media/container.h"
#include "media/decode.h"
#include "media/icc.h"
#include "media/mat.h"
#include "media/transparency.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"
#include "pocketstyle/core/log.h"
#include "pocketstyle/media/picture.h"

#include <opencv2/core/utils/logger.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <array>
#include <limits>

namespace pocketstyle::media {
namespace fs = std::filesystem;
namespace {

constexpr std::array<std::string_view, 4> kWritable = {".png", ".jpg", ".jpeg", ".webp"};
constexpr std::size_t kMaxBytes = std::numeric_limits<int>::max();  // the limit of cv::Mat
constexpr const char* kNoPicture = "is not a picture that can be read, or is damaged";

/// OpenCV prints what it throws, and more.
void silence_opencv() {
  static const bool done = [] {
    cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
    cv::redirectError([](int, const char*, const char*, const char*, int, void*) { return 0; });
    return true;
  }();
  static_cast<void>(done);
}

void divide_by_alpha(cv::Mat& bgra) {
  cv::Mat wide;
  bgra.convertTo(wide, CV_32FC4);
  const float most = bgra.depth() == CV_16U ? 65535 : 255;
  wide.forEach<cv::Vec4f>([&](cv::Vec4f& pixel, const int*) {
    for (int c = 0; c < 3 && pixel[3] > 0; ++c) pixel[c] = std::min(most, pixel[c] * most / pixel[3]);
  });
  wide.convertTo(bgra, bgra.type());
}

/// BMP, TIFF and PPM.
Decoded decode_by_opencv(std::string_view bytes, const Container& container) {
  if (container.is_float) throw std::runtime_error("holds floating-point numbers, expected 8 or 16 bits per channel");
  std::string upright;
  if (container.orientation_at != 0) {  // OpenCV's versions differ in which of them they apply
    upright = bytes;
    upright[container.orientation_at] = 1;
    bytes = upright;
  }
  const cv::Mat data(1, static_cast<int>(bytes.size()), CV_8UC1, const_cast<char*>(bytes.data()));  // NOLINT
  Decoded result;
  result.pixels = cv::imdecode(data, cv::IMREAD_UNCHANGED);
  // Its other flags choose better among what TIFF files may hold.
  if (!result.pixels.empty() && result.pixels.channels() != 4)
    result.pixels = cv::imdecode(data, cv::IMREAD_COLOR | cv::IMREAD_ANYDEPTH | cv::IMREAD_IGNORE_ORIENTATION);
  if (result.pixels.empty()) throw std::runtime_error(kNoPicture);
  // libtiff multiplies 8 bits by alpha on reading; of 16, OpenCV gives the file's own numbers.
  const bool is_tiff = container.format == PictureFormat::tiff;
  if (is_tiff && result.pixels.channels() == 4 && (result.pixels.depth() == CV_8U || container.is_associated))
    divide_by_alpha(result.pixels);
  return result;
}

Decoded decode(const fs::path& path, std::string_view bytes, const Container& container) {
  switch (container.format) {
    case PictureFormat::jpeg:
      return decode_jpeg(bytes);
    case PictureFormat::png:
      return decode_png(bytes);
    case PictureFormat::webp:
      return decode_webp(bytes);
    case PictureFormat::gif:
      return decode_first_frame(path);
    case PictureFormat::heic:
      return decode_heif(bytes, "HEIC");
    case PictureFormat::avif:
      return decode_heif(bytes, "AVIF");
    case PictureFormat::tiff:
    case PictureFormat::other:
      break;
  }
  return decode_by_opencv(bytes, container);
}

/// Applies an EXIF orientation: 2, 3, 4 mirror or rotate by 180 degrees, 5 to 8 swap the axes first.
cv::Mat turned(const cv::Mat& image, int orientation) {
  constexpr int kBoth = -1, kUpsideDown = 0, kLeftRight = 1;
  cv::Mat upright = orientation >= 5 ? cv::Mat(image.t()) : image;
  if (orientation == 2 || orientation == 6) cv::flip(upright, upright, kLeftRight);
  if (orientation == 3 || orientation == 7) cv::flip(upright, upright, kBoth);
  if (orientation == 4 || orientation == 8) cv::flip(upright, upright, kUpsideDown);
  return upright;
}

struct Upright {
  cv::Mat rgb, alpha;  ///< 8 bits; alpha may be empty
  std::string profile;
};

/// In sRGB, 8 bits, upright.
Upright read(const fs::path& path) {
  silence_opencv();
  const std::string bytes = read_file(path);
  if (bytes.empty()) throw DataError("{}: is empty, expected a picture", path.string());
  if (bytes.size() > kMaxBytes)
    throw DataError("{}: has {}, expected a picture of at most {}", path.string(),
                    human_bytes(static_cast<double>(bytes.size())), human_bytes(kMaxBytes));
  const Container container = examine(bytes);
  // Decoders fill the missing part of a JPEG with grey.
  if (container.is_cut_off) throw DataError("{}: the picture is truncated", path.string());
  try {
    Decoded decoded = decode(path, bytes, container);
    if (decoded.is_damaged) log()->warn("[picture] {}: parts of it may be damaged", path.string());
    if (decoded.icc_profile.empty()) decoded.icc_profile = container.icc_profile;
    const Conversion conversion = to_srgb(decoded);
    if (conversion.is_unusable)
      log()->warn("[picture] {}: its colour profile cannot be used, colours are taken for sRGB", path.string());
    if (!conversion.profile.empty())
      log()->debug("[picture] {}: colours converted from {} to sRGB", path.string(), conversion.profile);
    cv::Mat& pixels = decoded.pixels;
    if (pixels.depth() == CV_16U) pixels.convertTo(pixels, CV_8U, 1.0 / 257.0);
    if (pixels.depth() != CV_8U) throw std::runtime_error("expected 8 or 16 bits per channel");
    Upright result{.rgb = {}, .alpha = {}, .profile = conversion.profile};
    if (pixels.channels() == 4) {
      cv::extractChannel(pixels, result.alpha, 3);
      cv::cvtColor(pixels, result.rgb, cv::COLOR_BGRA2RGB);
      if (cv::countNonZero(result.alpha != 255) == 0) result.alpha.release();
    } else if (pixels.channels() == 3 || pixels.channels() == 1) {
      cv::cvtColor(pixels, result.rgb, pixels.channels() == 3 ? cv::COLOR_BGR2RGB : cv::COLOR_GRAY2RGB);
    } else {
      throw std::runtime_error("expected 1, 3 or 4 channels");
    }
    result.rgb = turned(result.rgb, container.orientation);
    if (!result.alpha.empty()) result.alpha = turned(result.alpha, container.orientation);
    return result;
  } catch (const cv::Exception&) {
    throw DataError("{}: {}", path.string(), kNoPicture);
  } catch (const std::bad_alloc&) {
    throw DataError("{}: the picture is too large for this machine's memory", path.string());
  } catch (const Error&) {
    throw;
  } catch (const std::runtime_error& error) {
    throw DataError("{}: {}", path.string(), error.what());
  }
}

Image image_of(const cv::Mat& rgb) {
  Image image(rgb.cols, rgb.rows);
  rgb.copyTo(view_of(image));
  return image;
}

/// The alpha's own bytes as a matrix, for reading only.
cv::Mat view_of(const Alpha& alpha) {
  return {static_cast<int>(alpha.height), static_cast<int>(alpha.width), CV_8UC1,
          const_cast<std::uint8_t*>(alpha.values.data())};  // NOLINT
}

Alpha alpha_of(const cv::Mat& values) {
  Alpha alpha{.width = values.cols, .height = values.rows, .values = {}};
  for (int y = 0; y < values.rows; ++y)
    alpha.values.insert(alpha.values.end(), values.ptr(y), values.ptr(y) + values.cols);
  return alpha;
}

bool is_jpeg(const fs::path& path) {
  const std::string extension = lower_extension(path);
  return extension == ".jpg" || extension == ".jpeg";
}

}  // namespace

void check_size(std::int64_t width, std::int64_t height) {
  if (width < 1 || height < 1) throw std::runtime_error(kNoPicture);
  if (width * height > kMaxPixels)
    throw std::runtime_error(fmt::format("has {}x{} pixels, expected at most a gigapixel", width, height));
}

std::span<const std::string_view> writable_extensions() {
  return kWritable;
}

Image load_image(const fs::path& path) {
  Upright read_in = read(path);
  if (!read_in.alpha.empty()) put_over_white(read_in.rgb, read_in.alpha);
  return image_of(read_in.rgb);
}

Picture load_picture(const fs::path& path) {
  Upright read_in = read(path);
  Picture picture{.image = {}, .alpha = {}, .profile = std::move(read_in.profile)};
  if (!read_in.alpha.empty()) {
    extend_colors(read_in.rgb, read_in.alpha);
    picture.alpha = alpha_of(read_in.alpha);
  }
  picture.image = image_of(read_in.rgb);
  return picture;
}

Alpha resize(Alpha alpha, std::int64_t width, std::int64_t height) {
  if (alpha.empty() || (alpha.width == width && alpha.height == height)) return alpha;
  const bool smaller = width * height < alpha.width * alpha.height;
  cv::Mat target;
  cv::resize(view_of(alpha), target, {static_cast<int>(width), static_cast<int>(height)}, 0, 0,
             smaller ? cv::INTER_AREA : cv::INTER_CUBIC);
  return alpha_of(target);
}

void check_writable(const fs::path& path) {
  const std::string extension = lower_extension(path);
  if (std::find(kWritable.begin(), kWritable.end(), extension) == kWritable.end())
    throw UsageError("{}: cannot write '{}', expected .png, .jpg or .webp", path.string(), extension);
}

namespace {

void save(const fs::path& path, const Image& image, const Alpha& alpha, int quality) {
  check_writable(path);
  silence_opencv();
  const std::string extension = lower_extension(path);
  std::vector<int> options;
  if (is_jpeg(path)) options = {cv::IMWRITE_JPEG_QUALITY, quality};
  if (extension == ".webp") options = {cv::IMWRITE_WEBP_QUALITY, quality};
  std::vector<std::uint8_t> encoded;
  try {
    cv::Mat bgr;
    const bool is_transparent = !alpha.empty();
    if (is_transparent && is_jpeg(path)) {
      cv::Mat rgb = view_of(image).clone();
      put_over_white(rgb, view_of(alpha));
      cv::cvtColor(rgb, bgr, cv::COLOR_RGB2BGR);
    } else {
      cv::cvtColor(view_of(image), bgr, is_transparent ? cv::COLOR_RGB2BGRA : cv::COLOR_RGB2BGR);
      if (is_transparent) cv::insertChannel(view_of(alpha), bgr, 3);
    }
    if (!cv::imencode(extension, bgr, encoded, options)) throw DataError("{}: encoding failed", path.string());
  } catch (const cv::Exception&) {
    throw DataError("{}: {}x{} cannot be encoded as {}", path.string(), image.width, image.height, extension);
  }
  write_file_atomically(path, {reinterpret_cast<const char*>(encoded.data()), encoded.size()});
}

}  // namespace

void save_picture(const fs::path& path, const Picture& picture, int quality) {
  save(path, picture.image, picture.alpha, quality);
}
void save_image(const fs::path& path, const Image& image, int quality) {
  save(path, image, {}, quality);
}

}  // namespace pocketstyle::media
