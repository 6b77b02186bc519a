// SPDX-License-Identifier: Apache-2.0
#pragma once
// Decoders of single picture formats, each of which knows one library. None prints anything. All throw
// std::runtime_error with a reason in our words.

#include <opencv2/core.hpp>

#include <filesystem>
#include <string>
#include <string_view>

namespace pocketstyle::media {

/// A picture as its file stores it.
struct Decoded {
  cv::Mat pixels;           ///< 8 or 16 bits; 1 channel: grey, 3: BGR, 4: BGRA, not multiplied by alpha, or CMYK
  bool is_cmyk = false;     ///< as Adobe stores it in a JPEG: 255 is no ink
  bool is_damaged = false;  ///< or may be: the decoder had to guess or skip something
  std::string icc_profile;  ///< where the file has one
};

/// More pixels than this are refused.
inline constexpr std::int64_t kMaxPixels = std::int64_t{1} << 30;
/// Throws unless it is a size that may be decoded.
void check_size(std::int64_t width, std::int64_t height);

Decoded decode_jpeg(std::string_view bytes);
Decoded decode_png(std::string_view bytes);
/// The first frame of an animation.
Decoded decode_webp(std::string_view bytes);
/// HEIC and AVIF. `name`: which of them.
Decoded decode_heif(std::string_view bytes, std::string_view name);
/// Through FFmpeg: GIF.
Decoded decode_first_frame(const std::filesystem::path& path);

}  // namespace pocketstyle::media
