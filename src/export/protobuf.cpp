// SPDX-License-Identifier: Apache-2.0
#include "export/protobuf.h"

#include "pocketstyle/core/error.h"

#include <bit>
#include <cstring>
#include <stdexcept>

namespace pocketstyle::exporting::protobuf {
namespace {

constexpr std::uint64_t kLargestField = (1U << 29U) - 1;

void check(bool ok, const Field& field) {
  if (!ok) throw std::invalid_argument(fmt::format("field {} has the wrong type", field.number));
}

}  // namespace

void Message::key(int field, Wire wire) {
  varint(static_cast<std::uint64_t>(field) << 3U | static_cast<unsigned>(wire));
}

void Message::varint(std::uint64_t value) {
  for (; value >= 128; value >>= 7U) bytes_ += static_cast<char>((value & 127U) | 128U);
  bytes_ += static_cast<char>(value);
}

void Message::number(int field, std::int64_t value) {
  key(field, Wire::varint);
  varint(static_cast<std::uint64_t>(value));
}

void Message::real(int field, float value) {
  key(field, Wire::fixed32);
  for (auto bits = std::bit_cast<std::uint32_t>(value), i = 0U; i < 4; ++i, bits >>= 8U)
    bytes_ += static_cast<char>(bits & 255U);
}

void Message::text(int field, std::string_view value) {
  key(field, Wire::bytes);
  varint(value.size());
  bytes_ += value;
}

std::string_view Field::text() const {
  check(wire == Wire::bytes, *this);
  return bytes;
}

std::int64_t Field::integer() const {
  check(wire == Wire::varint, *this);
  return static_cast<std::int64_t>(value);
}

float Field::real() const {
  check(wire == Wire::fixed32, *this);
  return std::bit_cast<float>(static_cast<std::uint32_t>(value));
}

void Field::append_integers(std::vector<std::int64_t>& into) const {
  if (wire != Wire::bytes) return into.push_back(integer());
  Fields packed(bytes);
  while (!packed.bytes_.empty()) into.push_back(static_cast<std::int64_t>(packed.varint()));
}

std::string_view Fields::take(std::uint64_t count) {
  if (count > bytes_.size())
    throw std::invalid_argument("the data ends in the middle of a field (truncated or damaged)");
  const std::string_view taken = bytes_.substr(0, count);
  bytes_.remove_prefix(count);
  return taken;
}

std::uint64_t Fields::varint() {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    const auto byte = static_cast<std::uint8_t>(take(1).front());
    value |= static_cast<std::uint64_t>(byte & 127U) << shift;
    if (byte < 128) return value;
  }
  throw std::invalid_argument("a number is too long");
}

template <class T>
std::uint64_t Fields::fixed() {
  T value = 0;
  unsigned shift = 0;
  for (const char byte : take(sizeof(T))) {
    value |= static_cast<T>(static_cast<std::uint8_t>(byte)) << shift;
    shift += 8;
  }
  return value;
}

bool Fields::next(Field& field) {
  if (bytes_.empty()) return false;
  const std::uint64_t key = varint();
  if (key >> 3U == 0 || key >> 3U > kLargestField) throw std::invalid_argument("a field has an impossible number");
  field = Field{.number = static_cast<int>(key >> 3U), .wire = static_cast<Wire>(key & 7U)};
  switch (field.wire) {
    case Wire::varint:
      field.value = varint();
      break;
    case Wire::fixed32:
      field.value = fixed<std::uint32_t>();
      break;
    case Wire::fixed64:
      field.value = fixed<std::uint64_t>();
      break;
    case Wire::bytes:
      field.bytes = take(varint());
      break;
    default:
      throw std::invalid_argument("a field has an impossible type");
  }
  return true;
}

}  // namespace pocketstyle::exporting::protobuf
