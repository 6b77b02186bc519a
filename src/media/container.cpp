// SPDX-License-Identifier: Apache-2.0
#include "media/container.h"

#include <cstdint>

namespace pocketstyle::media {
namespace {

using std::string_view_literals::operator""sv;

constexpr std::size_t kNowhere = std::string_view::npos;

/// `count` bytes at `at` as a number; 0 where they are not all there.
std::uint32_t number(std::string_view bytes, std::size_t at, std::size_t count, bool big_endian) {
  if (at > bytes.size() || bytes.size() - at < count) return 0;
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < count; ++i)
    value = value << 8U | static_cast<std::uint8_t>(bytes[at + (big_endian ? i : count - 1 - i)]);
  return value;
}

/// The orientation in a block of EXIF: a TIFF file whose first directory has tag 0x0112. 1 if it says nothing.
int exif_orientation(std::string_view exif) {
  if (exif.starts_with("Exif\0\0"sv)) exif.remove_prefix(6);
  const bool big_endian = exif.starts_with("MM\0*"sv);
  if (!big_endian && !exif.starts_with("II*\0"sv)) return 1;
  const std::size_t directory = number(exif, 4, 4, big_endian);
  const std::size_t entries = number(exif, directory, 2, big_endian);
  for (std::size_t i = 0; i < entries; ++i) {
    const std::size_t entry = directory + 2 + 12 * i;
    if (number(exif, entry, 2, big_endian) != 0x0112) continue;
    const std::uint32_t orientation = number(exif, entry + 8, 2, big_endian);
    return orientation >= 1 && orientation <= 8 ? static_cast<int>(orientation) : 1;
  }
  return 1;
}

/// Segments up to the end marker. Looking for the marker alone will not do: a thumbnail in the EXIF block has one too.
Container examine_jpeg(std::string_view bytes) {
  Container found{.is_jpeg = true};
  std::size_t at = 2;
  while (true) {
    at = bytes.find('\xFF', at);  // over compressed data as well, where FF 00 and FF D0..D7 are no segments
    if (at == kNowhere || at + 1 >= bytes.size()) break;
    const auto marker = static_cast<std::uint8_t>(bytes[++at]);
    if (marker == 0xD9) return found;
    if (marker == 0xFF || marker <= 0x01 || (marker >= 0xD0 && marker <= 0xD8)) continue;
    const std::size_t length = number(bytes, at + 1, 2, true);
    if (marker == 0xE1 && length > 2 && bytes.substr(at + 3).starts_with("Exif\0\0"sv))
      found.orientation = exif_orientation(bytes.substr(at + 3, length - 2));
    at += 1 + length;
  }
  found.is_cut_off = true;
  return found;
}

Container examine_png(std::string_view bytes) {
  Container found;
  std::size_t at = 8;
  while (at + 8 <= bytes.size()) {
    const std::size_t length = number(bytes, at, 4, true);
    const std::string_view type = bytes.substr(at + 4, 4);
    if (type == "IEND") return found;
    if (type == "eXIf") found.orientation = exif_orientation(bytes.substr(at + 8, length));
    at += 12 + length;
  }
  found.is_cut_off = true;
  return found;
}

Container examine_webp(std::string_view bytes) {
  Container found;
  found.is_cut_off = std::size_t{number(bytes, 4, 4, false)} + 8 > bytes.size();
  for (std::size_t at = 12; at + 8 <= bytes.size();) {
    const std::size_t length = number(bytes, at + 4, 4, false);
    if (bytes.substr(at, 4) == "EXIF") found.orientation = exif_orientation(bytes.substr(at + 8, length));
    at += 8 + length + length % 2;
  }
  return found;
}

}  // namespace

Container examine(std::string_view bytes) {
  if (bytes.starts_with("\xFF\xD8"sv)) return examine_jpeg(bytes);
  if (bytes.starts_with("\x89PNG\r\n\x1A\n"sv)) return examine_png(bytes);
  if (bytes.size() >= 12 && bytes.starts_with("RIFF"sv) && bytes.substr(8, 4) == "WEBP"sv) return examine_webp(bytes);
  return {};
}

}  // namespace pocketstyle::media
