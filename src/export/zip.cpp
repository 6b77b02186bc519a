// SPDX-License-Identifier: Apache-2.0
// Format: PKWARE's APPNOTE.TXT, sections 4.3.6 to 4.3.16.
#include "export/zip.h"

#include <spdlog/fmt/fmt.h>
#include <zlib.h>

#include <algorithm>
#include <limits>
#include <set>
#include <stdexcept>

namespace pocketstyle::exporting {
namespace {

constexpr std::uint32_t kLocalSignature = 0x04034b50, kDirectorySignature = 0x02014b50, kEndSignature = 0x06054b50;
constexpr std::uint32_t kEnd64Signature = 0x06064b50, kLocatorSignature = 0x07064b50;
constexpr std::size_t kLocalSize = 30, kDirectorySize = 46, kEndSize = 22, kEnd64Size = 56, kLocatorSize = 20;
constexpr std::uint16_t kZip64Id = 1, kStored = 0, kDeflated = 8;
constexpr std::uint16_t kUnreadableFlags = 0x2061;  // encrypted, patch data, strong encryption, masked headers
constexpr std::uint32_t kIn64 = 0xFFFFFFFF;
constexpr std::uint16_t kIn64Count = 0xFFFF;
constexpr std::uint64_t kLargestDeflateRatio = 1040;  // the maximum of deflate, rounded up
constexpr std::uint64_t kLargestUnpacked = 64 << 20;  // deflated members hold code and pickles, never tensors
constexpr std::size_t kLargestComment = 65535;

[[noreturn]] void fail(const std::string& what) {
  throw std::invalid_argument(what);
}

/// The little-endian number at `at`.
template <class T>
T number(std::string_view bytes, std::uint64_t at) {
  if (bytes.size() < sizeof(T) || at > bytes.size() - sizeof(T)) fail("the zip directory points outside the file");
  T value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i)
    value =
        static_cast<T>(value | static_cast<T>(static_cast<T>(static_cast<unsigned char>(bytes[at + i])) << (8 * i)));
  return value;
}

std::string_view part(std::string_view bytes, std::uint64_t at, std::uint64_t size) {
  if (at > bytes.size() || size > bytes.size() - at) fail("the zip directory points outside the file");
  return bytes.substr(at, size);
}

/// Where the end-of-archive record starts.
std::uint64_t find_end(std::string_view bytes) {
  for (std::size_t back = kEndSize; back <= bytes.size() && back <= kEndSize + kLargestComment; ++back) {
    const std::size_t at = bytes.size() - back;
    if (number<std::uint32_t>(bytes, at) != kEndSignature) continue;
    if (number<std::uint16_t>(bytes, at + 20) != back - kEndSize) fail("the end of the zip archive is damaged");
    return at;
  }
  fail("the zip archive has no directory (truncated?)");
}

std::string inflate_all(std::string_view packed, std::uint64_t size) {
  std::string out(size, '\0');
  z_stream stream{};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) fail("zlib cannot be initialised");
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));  // NOLINT: zlib does not write there
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(size);
  const int status = inflate(&stream, Z_FINISH);
  const bool complete = status == Z_STREAM_END && stream.total_out == size;
  inflateEnd(&stream);
  if (!complete) fail("a compressed member is damaged");
  return out;
}

/// Whether a name would escape from the folder that an archive is unpacked to.
bool leads_outside(std::string_view name) {
  const auto has_part = [&](std::string_view part) {
    for (std::size_t at = 0; at <= name.size();) {
      const std::size_t slash = std::min(name.find('/', at), name.size());
      if (name.substr(at, slash - at) == part) return true;
      at = slash + 1;
    }
    return false;
  };
  return name.starts_with('/') || name.find('\\') != std::string_view::npos || has_part("..");
}

}  // namespace

bool looks_like_zip(std::string_view bytes) {
  return bytes.size() >= 4 && number<std::uint32_t>(bytes, 0) == kLocalSignature;
}

ZipArchive::ZipArchive(std::string_view bytes) : bytes_(bytes) {
  read_directory();
  std::set<std::string_view> names;
  std::uint64_t unpacked = 0;
  for (Member& member : members_) {
    locate(member);
    if (member.method == kDeflated) unpacked += member.size;
    if (unpacked > kLargestUnpacked) fail("the zip archive unpacks to more than a model's code can be");
    if (leads_outside(member.name)) fail(fmt::format("member {}: its name escapes from the archive", member.name));
    if (!names.insert(member.name).second) fail(fmt::format("member {} is present twice", member.name));
    const std::string content = unpack(member);
    uLong crc = crc32_z(0, reinterpret_cast<const Bytef*>(content.data()), content.size());
    if (crc != member.crc) fail(fmt::format("member {} is damaged (CRC-32)", member.name));
  }
}

void ZipArchive::read_directory() {
  const std::uint64_t end = find_end(bytes_);
  std::uint64_t count = number<std::uint16_t>(bytes_, end + 10);
  std::uint64_t size = number<std::uint32_t>(bytes_, end + 12);
  directory_ = number<std::uint32_t>(bytes_, end + 16);
  if (number<std::uint32_t>(bytes_, end + 4) != 0) fail("the zip archive is split over several files");
  std::uint64_t limit = end;
  if (end >= kLocatorSize && number<std::uint32_t>(bytes_, end - kLocatorSize) == kLocatorSignature) {
    const auto end64 = number<std::uint64_t>(bytes_, end - kLocatorSize + 8);
    if (part(bytes_, end64, kEnd64Size).empty() || number<std::uint32_t>(bytes_, end64) != kEnd64Signature)
      fail("the zip archive's end is damaged");
    const auto replace = [&](std::uint64_t& value, std::uint64_t in64, std::uint64_t at) {
      const auto value64 = number<std::uint64_t>(bytes_, end64 + at);
      if (value != in64 && value != value64) fail("the zip archive's end is damaged");
      value = value64;
    };
    replace(count, kIn64Count, 32);
    replace(size, kIn64, 40);
    replace(directory_, kIn64, 48);
    limit = end64;
  }
  if (directory_ > limit || size != limit - directory_) fail("the zip archive's directory is not where it should be");
  std::uint64_t at = directory_;
  while (at < limit) {
    if (number<std::uint32_t>(bytes_, at) != kDirectorySignature) fail("the zip archive's directory is damaged");
    if ((number<std::uint16_t>(bytes_, at + 8) & kUnreadableFlags) != 0) fail("the zip archive is encrypted");
    const auto name_size = number<std::uint16_t>(bytes_, at + 28), extra_size = number<std::uint16_t>(bytes_, at + 30);
    const auto comment_size = number<std::uint16_t>(bytes_, at + 32);
    Member member;
    member.name = part(bytes_, at + kDirectorySize, name_size);
    member.method = number<std::uint16_t>(bytes_, at + 10);
    member.crc = number<std::uint32_t>(bytes_, at + 16);
    member.packed_size = number<std::uint32_t>(bytes_, at + 20);
    member.size = number<std::uint32_t>(bytes_, at + 24);
    member.header = number<std::uint32_t>(bytes_, at + 42);
    if (number<std::uint16_t>(bytes_, at + 34) != 0) fail("the zip archive is split over several files");
    read_zip64(member, part(bytes_, at + kDirectorySize + name_size, extra_size));
    members_.push_back(std::move(member));
    at += kDirectorySize + name_size + extra_size + comment_size;
  }
  if (at != limit || count != members_.size()) fail("the zip archive's directory is damaged");
}

/// Sizes and offsets that do not fit into 32 bits are in an extra field, in this order.
void ZipArchive::read_zip64(Member& member, std::string_view extra) const {
  std::uint64_t at = 0;
  while (at + 4 <= extra.size()) {
    const auto id = number<std::uint16_t>(extra, at), size = number<std::uint16_t>(extra, at + 2);
    const std::string_view field = part(extra, at + 4, size);
    at += 4 + size;
    if (id != kZip64Id) continue;
    std::uint64_t next = 0;
    for (std::uint64_t* value : {&member.size, &member.packed_size, &member.header}) {
      if (*value != kIn64) continue;
      *value = number<std::uint64_t>(field, next);
      next += sizeof(std::uint64_t);
    }
  }
}

void ZipArchive::locate(Member& member) const {
  if (part(bytes_, member.header, kLocalSize).empty() ||
      number<std::uint32_t>(bytes_, member.header) != kLocalSignature)
    fail(fmt::format("member {} is not where it should be", member.name));
  const auto name_size = number<std::uint16_t>(bytes_, member.header + 26);
  const auto extra_size = number<std::uint16_t>(bytes_, member.header + 28);
  member.data = member.header + kLocalSize + name_size + extra_size;
  const bool agrees = part(bytes_, member.header + kLocalSize, name_size) == member.name &&
                      number<std::uint16_t>(bytes_, member.header + 8) == member.method;
  if (!agrees) fail(fmt::format("member {}: its two headers disagree", member.name));
  if (member.data > directory_ || member.packed_size > directory_ - member.data)
    fail(fmt::format("member {} reaches outside the file", member.name));
  const bool possible = member.method == kStored
                            ? member.size == member.packed_size
                            : member.method == kDeflated && member.size / kLargestDeflateRatio <= member.packed_size &&
                                  member.size <= std::numeric_limits<uInt>::max();
  if (!possible) fail(fmt::format("member {}: impossible size or compression", member.name));
}

std::string ZipArchive::unpack(const Member& member) const {
  const std::string_view packed = part(bytes_, member.data, member.packed_size);
  return member.method == kStored ? std::string(packed) : inflate_all(packed, member.size);
}

const ZipArchive::Member* ZipArchive::find(std::string_view path) const {
  const auto found = std::find_if(members_.begin(), members_.end(), [&](const Member& member) {
    const auto slash = member.name.find('/');
    return slash != std::string::npos && std::string_view(member.name).substr(slash + 1) == path;
  });
  return found == members_.end() ? nullptr : &*found;
}

std::string ZipArchive::read(std::string_view path) const {
  const Member* member = find(path);
  return member == nullptr ? std::string() : unpack(*member);
}

}  // namespace pocketstyle::exporting
