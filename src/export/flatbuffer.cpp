// SPDX-License-Identifier: Apache-2.0
#include "export/flatbuffer.h"

#include "pocketstyle/core/error.h"

#include <algorithm>
#include <stdexcept>

namespace pocketstyle::exporting::flatbuffer {
namespace {

constexpr std::size_t kWord = 4;  // a table's, vector's or text's alignment, and the size of an offset
constexpr std::size_t kNoLimit = ~std::size_t{0};

}  // namespace

Object Object::text(std::string_view text) {
  Object made = bytes(text, 1);
  made.is_text_ = true;
  return made;
}

Object Object::bytes(std::string_view bytes, std::size_t alignment) {
  Object made(Kind::data);
  made.data_ = bytes;
  made.alignment_ = alignment;
  return made;
}

Object Object::list(std::vector<Object> items) {
  Object made(Kind::list);
  made.items_ = std::move(items);
  return made;
}

Object& Object::put(int field, std::string value) {
  numbers_.emplace_back(field, std::move(value));
  return *this;
}

Object& Object::child(int field, Object value) {
  fields_.push_back(field);
  items_.push_back(std::move(value));
  return *this;
}

/// Writes each object before what it points to, since offsets of children are unsigned.
class Writer {
 public:
  std::string file(const Object& root, std::string_view identifier) {
    out_.assign(kWord, '\0');
    out_ += identifier;
    point(0, root);
    return std::move(out_);
  }

 private:
  template <class T>
  void append(T value) {
    out_.append(reinterpret_cast<const char*>(&value), sizeof(T));
  }
  /// Zeros until a place `ahead` bytes from here is aligned.
  void align(std::size_t alignment, std::size_t ahead = 0) {
    while ((out_.size() + ahead) % alignment != 0) out_ += '\0';
  }
  /// Writes the object and stores its offset at `slot`.
  void point(std::size_t slot, const Object& object) {
    const auto offset = static_cast<std::uint32_t>(write(object) - slot);
    std::memcpy(out_.data() + slot, &offset, sizeof(offset));
  }

  /// Returns where it lies.
  std::size_t write(const Object& object) {
    if (object.kind_ == Object::Kind::table) return table(object);
    align(std::max(kWord, object.alignment_), kWord);
    const std::size_t at = out_.size();
    if (object.kind_ == Object::Kind::data) {
      append(static_cast<std::uint32_t>(object.data_.size() / object.element_));
      out_ += object.data_;
      if (object.is_text_) out_ += '\0';
      return at;
    }
    append(static_cast<std::uint32_t>(object.items_.size()));
    out_.append(kWord * object.items_.size(), '\0');
    for (std::size_t i = 0; i < object.items_.size(); ++i) point(at + kWord * (i + 1), object.items_[i]);
    return at;
  }

  std::size_t table(const Object& object) {
    // Larger fields first: then each is aligned.
    std::vector<std::pair<int, std::string>> fields = object.numbers_;
    for (const int field : object.fields_) fields.emplace_back(field, std::string(kWord, '\0'));
    std::stable_sort(fields.begin(), fields.end(),
                     [](const auto& a, const auto& b) { return a.second.size() > b.second.size(); });
    int last = -1;
    for (const auto& [field, value] : fields) last = std::max(last, field);
    std::vector<std::uint16_t> places(static_cast<std::size_t>(last + 1));
    std::size_t size = kWord;
    for (const auto& [field, value] : fields) {
      places[static_cast<std::size_t>(field)] = static_cast<std::uint16_t>(size);
      size += value.size();
    }

    const std::size_t places_size = 2 * sizeof(std::uint16_t) + places.size() * sizeof(std::uint16_t);
    align(kWord, places_size);
    append(static_cast<std::uint16_t>(places_size));
    append(static_cast<std::uint16_t>(size));
    for (const std::uint16_t place : places) append(place);
    const std::size_t at = out_.size();
    append(static_cast<std::int32_t>(places_size));  // back to the table of places
    for (const auto& [field, value] : fields) out_ += value;
    for (std::size_t i = 0; i < object.fields_.size(); ++i)
      point(at + places[static_cast<std::size_t>(object.fields_[i])], object.items_[i]);
    return at;
  }

  std::string out_;
};

std::string to_bytes(const Object& root, std::string_view identifier) {
  return Writer().file(root, identifier);
}

Table Table::root(std::string_view file, std::string_view identifier) {
  if (file.size() < 2 * kWord || file.substr(kWord, identifier.size()) != identifier)
    throw std::invalid_argument(fmt::format("it does not have the identifier {}", identifier));
  std::uint32_t offset = 0;
  std::memcpy(&offset, file.data(), sizeof(offset));
  return {file, offset};
}

Table::Table(std::string_view file, std::uint64_t at) : file_(file), at_(at) {
  const auto back = static_cast<std::int64_t>(read<std::int32_t>(at));
  const auto fields = static_cast<std::int64_t>(at) - back;
  if (fields < 0) throw std::invalid_argument("a table leads outside the file (truncated or damaged)");
  fields_ = static_cast<std::uint64_t>(fields);
  fields_size_ = read<std::uint16_t>(fields_);
  check(fields_, fields_size_);
}

void Table::check(std::uint64_t at, std::uint64_t size) const {
  if (at > file_.size() || size > file_.size() - at)
    throw std::invalid_argument("an offset leads outside the file (truncated or damaged)");
}

std::uint64_t Table::place(int field) const {
  const std::uint64_t entry = (2 + static_cast<std::uint64_t>(field)) * sizeof(std::uint16_t);
  if (entry + sizeof(std::uint16_t) > fields_size_) return 0;
  const auto place = read<std::uint16_t>(fields_ + entry);
  return place == 0 ? 0 : at_ + place;
}

std::uint64_t Table::target(std::uint64_t offset) const {
  return offset + read<std::uint32_t>(offset);
}

std::pair<std::uint64_t, std::size_t> Table::vector(int field, std::size_t element, std::size_t most) const {
  const std::uint64_t at = place(field);
  if (at == 0) return {0, 0};
  const std::uint64_t begin = target(at);
  const std::uint64_t count = read<std::uint32_t>(begin);
  if (count > most)
    throw std::invalid_argument(fmt::format("a vector has {} elements, at most {} are allowed", count, most));
  check(begin + kWord, count * element);
  return {begin + kWord, count};
}

std::string_view Table::text(int field, std::size_t most) const {
  const auto [at, count] = vector(field, 1, most);
  return file_.substr(at, count);
}

std::string_view Table::bytes(int field) const {
  return text(field, kNoLimit);
}

std::optional<Table> Table::table(int field) const {
  const std::uint64_t at = place(field);
  if (at == 0) return {};
  return Table(file_, target(at));
}

std::vector<Table> Table::tables(int field, std::size_t most) const {
  const auto [at, count] = vector(field, kWord, most);
  std::vector<Table> all;
  for (std::size_t i = 0; i < count; ++i) all.push_back(Table(file_, target(at + kWord * i)));
  return all;
}

}  // namespace pocketstyle::exporting::flatbuffer
