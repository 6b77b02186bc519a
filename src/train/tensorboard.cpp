// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/train/tensorboard.h"

#include "pocketstyle/core/error.h"

#include <unistd.h>

#include <array>
#include <bit>
#include <chrono>

namespace pocketstyle::train {
namespace {

constexpr std::array<std::uint32_t, 256> make_crc_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 1U) != 0 ? (crc >> 1U) ^ 0x82F63B78U : crc >> 1U;
    table[i] = crc;
  }
  return table;
}
constexpr auto kCrcTable = make_crc_table();

template <class Integer>
std::string little_endian(Integer value) {
  std::string bytes;
  for (std::size_t i = 0; i < sizeof value; ++i) bytes += static_cast<char>((value >> (8 * i)) & 0xFFU);
  return bytes;
}

std::string varint(std::uint64_t value) {
  std::string bytes;
  for (; value >= 0x80U; value >>= 7U) bytes += static_cast<char>((value & 0x7FU) | 0x80U);
  return bytes + static_cast<char>(value);
}

// Protobuf fields: the number in the upper bits of the tag, the wire type in the lower three.
std::string fixed64(int field, double value) {
  return varint(static_cast<std::uint64_t>(field) << 3U | 1U) + little_endian(std::bit_cast<std::uint64_t>(value));
}
std::string fixed32(int field, float value) {
  return varint(static_cast<std::uint64_t>(field) << 3U | 5U) + little_endian(std::bit_cast<std::uint32_t>(value));
}
std::string integer(int field, std::int64_t value) {
  return varint(static_cast<std::uint64_t>(field) << 3U) + varint(static_cast<std::uint64_t>(value));
}
std::string bytes(int field, std::string_view value) {
  return varint(static_cast<std::uint64_t>(field) << 3U | 2U) + varint(value.size()) + std::string(value);
}

std::uint32_t masked(std::uint32_t crc) {
  return ((crc >> 15U) | (crc << 17U)) + 0xA282EAD8U;
}

double wall_time() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

}  // namespace

std::uint32_t crc32c(std::string_view text) {
  std::uint32_t crc = 0xFFFFFFFFU;
  for (const char c : text) crc = kCrcTable[(crc ^ static_cast<unsigned char>(c)) & 0xFFU] ^ (crc >> 8U);
  return ~crc;
}

TensorBoardWriter::TensorBoardWriter(const std::filesystem::path& folder)
    : path_(folder /
            fmt::format("events.out.tfevents.{}.{}.pocketstyle", static_cast<std::int64_t>(wall_time()), ::getpid())),
      out_(path_, std::ios::binary) {
  record(fixed64(1, wall_time()) + bytes(3, "brain.Event:2"));
}

void TensorBoardWriter::scalar(std::string_view tag, std::int64_t step, double value) {
  const std::string summary_value = bytes(1, tag) + fixed32(2, static_cast<float>(value));
  record(fixed64(1, wall_time()) + integer(2, step) + bytes(5, bytes(1, summary_value)));
}

void TensorBoardWriter::record(const std::string& event) {
  const std::string length = little_endian(static_cast<std::uint64_t>(event.size()));
  out_ << length << little_endian(masked(crc32c(length))) << event << little_endian(masked(crc32c(event)));
  out_.flush();
  if (!out_) throw DataError("{}: writing failed (disk full?)", path_.string());
}

}  // namespace pocketstyle::train
