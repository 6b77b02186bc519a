// SPDX-License-Identifier: Apache-2.0
#pragma once
// FlatBuffers' binary format, as far as LiteRT files need it: https://flatbuffers.dev/internals/

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pocketstyle::exporting::flatbuffer {

/// A table, text, or vector that is to be written. Fields are those of the schema, numbered from 0 in its order.
class Object {
 public:
  static Object table() { return Object(Kind::table); }
  static Object text(std::string_view text);
  /// A vector of bytes whose first one is aligned in the file.
  static Object bytes(std::string_view bytes, std::size_t alignment);
  template <class T>
  static Object numbers(const std::vector<T>& values) {
    Object made = bytes({reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)}, sizeof(T));
    made.element_ = sizeof(T);
    return made;
  }
  static Object list(std::vector<Object> items);

  /// Requires: a table. Numbers of 1, 2 or 4 bytes.
  template <class T>
  Object& number(int field, T value) {
    static_assert(sizeof(T) <= sizeof(std::uint32_t));
    return put(field, std::string(reinterpret_cast<const char*>(&value), sizeof(T)));
  }
  Object& child(int field, Object value);

 private:
  friend class Writer;
  enum class Kind { table, data, list };
  explicit Object(Kind kind) : kind_(kind) {}
  Object& put(int field, std::string value);

  Kind kind_;
  std::vector<std::pair<int, std::string>> numbers_;  ///< of a table
  std::vector<int> fields_;                           ///< of a table: those of items_
  std::vector<Object> items_;
  std::string data_;
  std::size_t element_ = 1, alignment_ = 1;
  bool is_text_ = false;
};

/// The file's content. `identifier`: the schema's four characters.
std::string to_bytes(const Object& root, std::string_view identifier);

/// A table that is read. Every access is checked against the end of the file; one that leads outside, or a vector
/// longer than allowed, throws std::invalid_argument. Valid while the file's bytes are.
class Table {
 public:
  static Table root(std::string_view file, std::string_view identifier);

  template <class T>
  [[nodiscard]] T number(int field, T otherwise = {}) const {
    const std::uint64_t at = place(field);
    return at == 0 ? otherwise : read<T>(at);
  }
  // A field that is missing: empty.
  [[nodiscard]] std::string_view text(int field, std::size_t most = 1024) const;
  [[nodiscard]] std::string_view bytes(int field) const;
  [[nodiscard]] std::optional<Table> table(int field) const;
  [[nodiscard]] std::vector<Table> tables(int field, std::size_t most) const;
  template <class T>
  [[nodiscard]] std::vector<T> numbers(int field, std::size_t most) const {
    const auto [at, count] = vector(field, sizeof(T), most);
    std::vector<T> values(count);
    if (count > 0) std::memcpy(values.data(), file_.data() + at, count * sizeof(T));
    return values;
  }

 private:
  Table(std::string_view file, std::uint64_t at);
  template <class T>
  [[nodiscard]] T read(std::uint64_t at) const {
    check(at, sizeof(T));
    T value;
    std::memcpy(&value, file_.data() + at, sizeof(T));
    return value;
  }
  void check(std::uint64_t at, std::uint64_t size) const;
  [[nodiscard]] std::uint64_t place(int field) const;              ///< 0: missing
  [[nodiscard]] std::uint64_t target(std::uint64_t offset) const;  ///< of an offset that is stored there
  /// Where a vector's elements begin, and their number.
  [[nodiscard]] std::pair<std::uint64_t, std::size_t> vector(int field, std::size_t element, std::size_t most) const;

  std::string_view file_;
  std::uint64_t at_ = 0, fields_ = 0;  ///< the table, and its table of fields
  std::uint64_t fields_size_ = 0;
};

}  // namespace pocketstyle::exporting::flatbuffer
