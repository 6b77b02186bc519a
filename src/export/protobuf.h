// SPDX-License-Identifier: Apache-2.0
#pragma once
// Protocol buffers' wire format, as far as ONNX needs it: https://protobuf.dev/programming-guides/encoding/

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pocketstyle::exporting::protobuf {

enum class Wire : unsigned { varint = 0, fixed64 = 1, bytes = 2, fixed32 = 5 };

/// Writes a message, field by field.
class Message {
 public:
  void number(int field, std::int64_t value);
  void real(int field, float value);
  void text(int field, std::string_view value);
  void message(int field, const Message& value) { text(field, value.bytes_); }
  [[nodiscard]] const std::string& bytes() const { return bytes_; }

 private:
  void key(int field, Wire wire);
  void varint(std::uint64_t value);
  std::string bytes_;
};

/// One field of a message being read. The accessors throw std::invalid_argument if it has another type.
struct Field {
  int number = 0;
  Wire wire{};
  std::uint64_t value = 0;   ///< of varint, fixed32 and fixed64
  std::string_view bytes{};  ///< of bytes, strings and messages

  [[nodiscard]] std::string_view text() const;
  [[nodiscard]] std::int64_t integer() const;
  [[nodiscard]] float real() const;
  /// A repeated integer, packed into one field or not.
  void append_integers(std::vector<std::int64_t>& into) const;
};

/// Iterates over the fields of a message: `for (Field field; fields.next(field);)`.
class Fields {
 public:
  explicit Fields(std::string_view bytes) : bytes_(bytes) {}
  /// False at the end. Throws std::invalid_argument if the bytes are not a valid field.
  bool next(Field& field);

 private:
  friend struct Field;
  std::string_view take(std::uint64_t count);
  std::uint64_t varint();
  template <class T>
  std::uint64_t fixed();
  std::string_view bytes_;
};

}  // namespace pocketstyle::exporting::protobuf
