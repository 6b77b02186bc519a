// SPDX-License-Identifier: Apache-2.0
#pragma once
// Encoded pictures with parts that OpenCV does not write.
#include "pocketstyle/media/image.h"

#include <opencv2/imgcodecs.hpp>

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace pocketstyle::testing {

inline std::array<int, 3> pixel(const media::Image& image, std::int64_t x, std::int64_t y) {
  const std::uint8_t* p = &image.rgb_hwc[static_cast<std::size_t>((y * image.width + x) * 3)];
  return {p[0], p[1], p[2]};
}

inline std::string encode(const std::string& extension, const cv::Mat& mat, const std::vector<int>& options = {}) {
  std::vector<std::uint8_t> bytes;
  cv::imencode(extension, mat, bytes, options);
  return {bytes.begin(), bytes.end()};
}

inline std::string big_endian(std::size_t value, int count = 4) {
  std::string bytes;
  for (int i = count - 1; i >= 0; --i) bytes += static_cast<char>(value >> (8 * i) & 0xFFU);
  return bytes;
}

inline std::string png_chunk(const std::string& type, const std::string& body) {
  std::uint32_t crc = 0xFFFFFFFFU;
  for (const char byte : type + body) {
    crc ^= static_cast<std::uint8_t>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? 0xEDB88320U : 0U);
  }
  return big_endian(body.size()) + type + body + big_endian(~crc & 0xFFFFFFFFU);
}

/// The PNG with more chunks after its header.
inline std::string png_with(const std::string& png, const std::string& chunks) {
  constexpr std::size_t kAfterHeader = 33;
  return png.substr(0, kAfterHeader) + chunks + png.substr(kAfterHeader);
}

}  // namespace pocketstyle::testing
