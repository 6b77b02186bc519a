// SPDX-License-Identifier: Apache-2.0
#include "media/container.h"

#include <algorithm>
#include <cstdint>
#include <map>

namespace pocketstyle::media {
namespace {

using std::string_view_literals::operator""sv;

constexpr std::size_t kNowhere = std::string_view::npos;

/// `count` bytes at `at` as a number; 0 if they are outside the data.
std::uint32_t number(std::string_view bytes, std::size_t at, std::size_t count, bool big_endian) {
  if (at > bytes.size() || bytes.size() - at < count) return 0;
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < count; ++i)
    value = value << 8U | static_cast<std::uint8_t>(bytes[at + (big_endian ? i : count - 1 - i)]);
  return value;
}

/// Calls `entry(tag, at)` for each entry of the first directory of a TIFF file, as EXIF is one too, where the entry
/// begins at `at`. Returns whether numbers are big-endian; nothing is called if it is no TIFF file.
template <class F>
bool for_each_tag(std::string_view tiff, const F& entry) {
  const bool big_endian = tiff.starts_with("MM\0*"sv);
  if (!big_endian && !tiff.starts_with("II*\0"sv)) return false;
  const std::size_t directory = number(tiff, 4, 4, big_endian);
  const std::size_t entries = number(tiff, directory, 2, big_endian);
  for (std::size_t i = 0; i < entries; ++i) {
    const std::size_t at = directory + 2 + 12 * i;
    if (at + 12 > tiff.size()) break;
    entry(number(tiff, at, 2, big_endian), at);
  }
  return big_endian;
}

constexpr std::uint32_t kOrientationTag = 0x0112;

int valid_orientation(std::uint32_t orientation) {
  return orientation >= 1 && orientation <= 8 ? static_cast<int>(orientation) : 1;
}

/// The orientation in a block of EXIF. 1 if there is none.
int exif_orientation(std::string_view exif) {
  if (exif.starts_with("Exif\0\0"sv)) exif.remove_prefix(6);
  const bool big_endian = exif.starts_with("MM"sv);
  int orientation = 1;
  for_each_tag(exif, [&](std::uint32_t tag, std::size_t at) {
    if (tag == kOrientationTag) orientation = valid_orientation(number(exif, at + 8, 2, big_endian));
  });
  return orientation;
}

/// Walks through the segments up to the end marker. Searching for the marker is not enough: the EXIF block's thumbnail
/// has one too.
Container examine_jpeg(std::string_view bytes) {
  constexpr std::string_view kProfile = "ICC_PROFILE\0"sv;  // then the part's number, from 1, and how many there are
  Container found{.format = PictureFormat::jpeg};
  std::map<int, std::string_view> parts;
  std::size_t at = 2;
  found.is_cut_off = true;
  while (true) {
    at = bytes.find('\xFF', at);  // also through compressed data, where FF 00 and FF D0..D7 are not segments
    if (at == kNowhere || at + 1 >= bytes.size()) break;
    const auto marker = static_cast<std::uint8_t>(bytes[++at]);
    if (marker == 0xD9) {
      found.is_cut_off = false;
      break;
    }
    if (marker == 0xFF || marker <= 0x01 || (marker >= 0xD0 && marker <= 0xD8)) continue;
    const std::size_t length = number(bytes, at + 1, 2, true);
    const std::string_view body = length > 2 && at + 3 < bytes.size() ? bytes.substr(at + 3, length - 2) : ""sv;
    if (marker == 0xE1 && body.starts_with("Exif\0\0"sv)) found.orientation = exif_orientation(body);
    if (marker == 0xE2 && body.starts_with(kProfile) && body.size() > kProfile.size() + 2)
      parts[static_cast<std::uint8_t>(body[kProfile.size()])] = body.substr(kProfile.size() + 2);
    at += 1 + length;
  }
  for (const auto& [index, part] : parts) found.icc_profile += part;
  return found;
}

Container examine_png(std::string_view bytes) {
  Container found{.format = PictureFormat::png};
  std::size_t at = 8;
  while (at + 8 <= bytes.size()) {
    const std::size_t length = number(bytes, at, 4, true);
    const std::string_view type = bytes.substr(at + 4, 4);
    if (type == "IEND") return found;
    if (type == "eXIf") found.orientation = exif_orientation(bytes.substr(at + 8, length));
    if (type == "acTL") found.is_animated = number(bytes, at + 8, 4, true) > 1;
    at += 12 + length;
  }
  found.is_cut_off = true;
  return found;
}

Container examine_webp(std::string_view bytes) {
  Container found{.format = PictureFormat::webp};
  found.is_cut_off = std::size_t{number(bytes, 4, 4, false)} + 8 > bytes.size();
  int frames = 0;
  for (std::size_t at = 12; at + 8 <= bytes.size();) {
    const std::size_t length = number(bytes, at + 4, 4, false);
    const std::string_view type = bytes.substr(at, 4), body = bytes.substr(at + 8, length);
    if (type == "EXIF") found.orientation = exif_orientation(body);
    if (type == "ICCP") found.icc_profile = body;
    if (type == "ANMF") ++frames;
    at += 8 + length + length % 2;
  }
  found.is_animated = frames > 1;
  return found;
}

/// How many bytes a GIF's table of colours takes, by the byte that tells of it.
std::size_t color_table(std::string_view bytes, std::size_t at) {
  const std::uint32_t flags = number(bytes, at, 1, true);
  return (flags & 0x80U) != 0 ? std::size_t{3} << ((flags & 7U) + 1) : 0;
}

Container examine_gif(std::string_view bytes) {
  Container found{.format = PictureFormat::gif};
  int frames = 0;
  std::size_t at = 13 + color_table(bytes, 10);
  while (at < bytes.size() && frames < 2) {
    const char block = bytes[at];
    if (block == ',') {  // a frame: its descriptor, colours, and the size of the codes
      ++frames;
      at += 10 + color_table(bytes, at + 9) + 1;
    } else if (block == '!') {
      at += 2;
    } else {
      break;
    }
    while (at < bytes.size() && bytes[at] != '\0') at += 1 + static_cast<std::uint8_t>(bytes[at]);
    ++at;
  }
  found.is_animated = frames > 1;
  return found;
}

Container examine_tiff(std::string_view bytes) {
  constexpr std::uint32_t kExtraSamples = 338, kSampleFormat = 339, kProfile = 34675, kFloatingPoint = 3, kShort = 3;
  Container found{.format = PictureFormat::tiff};
  const bool big_endian = bytes.starts_with("MM"sv);
  for_each_tag(bytes, [&](std::uint32_t tag, std::size_t at) {
    const std::size_t type = number(bytes, at + 2, 2, big_endian), count = number(bytes, at + 4, 4, big_endian);
    const std::size_t place = number(bytes, at + 8, 4, big_endian);
    if (tag == kOrientationTag) {
      found.orientation = valid_orientation(number(bytes, at + 8, 2, big_endian));
      found.orientation_at = at + (big_endian ? 9 : 8);  // its low byte
    }
    if (tag == kExtraSamples) found.is_associated = number(bytes, at + 8, 2, big_endian) == 1;
    if (tag == kProfile && place < bytes.size()) found.icc_profile = bytes.substr(place, count);
    // Up to two numbers of 16 bits stand in the entry itself, more elsewhere.
    if (tag == kSampleFormat && type == kShort)
      found.is_float = number(bytes, count <= 2 ? at + 8 : place, 2, big_endian) == kFloatingPoint;
  });
  return found;
}

/// HEIC and AVIF: an "ftyp" box first, with the brands that the file follows.
Container examine_boxes(std::string_view bytes) {
  const std::string_view brands = bytes.substr(8, std::min<std::size_t>(number(bytes, 0, 4, true), 256) - 8);
  const auto has = [&](std::string_view brand) {
    for (std::size_t at = 0; at + 4 <= brands.size(); at += 4)
      if (at != 4 && brands.substr(at, 4) == brand) return true;  // at 4 is a version
    return false;
  };
  Container found;
  if (has("avif"sv) || has("avis"sv))
    found.format = PictureFormat::avif;
  else if (has("heic"sv) || has("heix"sv) || has("hevc"sv) || has("mif1"sv) || has("msf1"sv))
    found.format = PictureFormat::heic;
  found.is_animated = has("avis"sv) || has("hevc"sv) || has("msf1"sv);
  return found;
}

}  // namespace

Container examine(std::string_view bytes) {
  if (bytes.starts_with("\xFF\xD8"sv)) return examine_jpeg(bytes);
  if (bytes.starts_with("\x89PNG\r\n\x1A\n"sv)) return examine_png(bytes);
  if (bytes.size() >= 12 && bytes.starts_with("RIFF"sv) && bytes.substr(8, 4) == "WEBP"sv) return examine_webp(bytes);
  if (bytes.starts_with("GIF87a"sv) || bytes.starts_with("GIF89a"sv)) return examine_gif(bytes);
  if (bytes.starts_with("II*\0"sv) || bytes.starts_with("MM\0*"sv)) return examine_tiff(bytes);
  if (bytes.size() >= 16 && bytes.substr(4, 4) == "ftyp"sv && number(bytes, 0, 4, true) >= 16)
    return examine_boxes(bytes);
  return {};
}

}  // namespace pocketstyle::media
