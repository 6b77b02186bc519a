// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pocketstyle::exporting {

/// A zip archive in memory, fully checked before anything else reads it, because LibTorch's own reader does not detect
/// all damage. Stored and deflated members, zip64.
class ZipArchive {
 public:
  /// `bytes` must outlive the archive. Throws std::invalid_argument with the problem: no directory (truncated), members
  /// outside the file, headers that disagree, names that escape from the archive, a wrong CRC-32.
  explicit ZipArchive(std::string_view bytes);

  /// Whether there is a member with this path below the archive's top folder, such as "bytecode.pkl".
  [[nodiscard]] bool has(std::string_view path) const { return find(path) != nullptr; }
  /// The member's content; empty if there is no such member.
  [[nodiscard]] std::string read(std::string_view path) const;

 private:
  struct Member {
    std::string name;
    std::uint16_t method = 0;
    std::uint32_t crc = 0;
    std::uint64_t packed_size = 0, size = 0, header = 0, data = 0;
  };
  [[nodiscard]] const Member* find(std::string_view path) const;
  [[nodiscard]] std::string unpack(const Member& member) const;
  void read_directory();
  void read_zip64(Member& member, std::string_view extra) const;
  void locate(Member& member) const;

  std::string_view bytes_;
  std::uint64_t directory_ = 0;
  std::vector<Member> members_;
};

/// Whether `bytes` start like a zip archive.
bool looks_like_zip(std::string_view bytes);

}  // namespace pocketstyle::exporting
