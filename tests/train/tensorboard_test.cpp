// SPDX-License-Identifier: Apache-2.0
// Event files, decoded here by their specification: TFRecord around the protobuf messages Event and Summary.
#include "pocketstyle/train/tensorboard.h"

#include "support/catch.h"
#include "support/temp_dir.h"

#include "pocketstyle/core/files.h"

#include <bit>
#include <chrono>
#include <vector>

using namespace pocketstyle;

namespace {

/// Reads little-endian numbers, varints and substrings of a text, in order.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}
  bool at_end() const { return bytes_.empty(); }
  std::string_view take(std::uint64_t count) {
    if (count > bytes_.size()) throw DataError("{} bytes expected, {} left", count, bytes_.size());
    const std::string_view piece = bytes_.substr(0, count);
    bytes_.remove_prefix(count);
    return piece;
  }
  std::uint64_t fixed(std::size_t count) {
    std::uint64_t value = 0;
    const std::string_view piece = take(count);
    for (std::size_t i = 0; i < count; ++i) value |= std::uint64_t{static_cast<unsigned char>(piece[i])} << (8 * i);
    return value;
  }
  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0;; shift += 7) {
      const std::uint64_t byte = fixed(1);
      value |= (byte & 0x7FU) << shift;
      if (byte < 0x80U) return value;
    }
  }

 private:
  std::string_view bytes_;
};

/// One field of a protobuf message.
struct Field {
  std::uint64_t number = 0, wire_type = 0;
  std::uint64_t value = 0;      // for wire types 0 (varint), 1 (64 bits) and 5 (32 bits)
  std::string_view bytes = {};  // for wire type 2
};

std::vector<Field> fields(std::string_view message) {
  std::vector<Field> all;
  for (Reader reader(message); !reader.at_end();) {
    const std::uint64_t key = reader.varint();
    Field field{.number = key >> 3U, .wire_type = key & 7U};
    switch (field.wire_type) {
      case 0:
        field.value = reader.varint();
        break;
      case 1:
        field.value = reader.fixed(8);
        break;
      case 2:
        field.bytes = reader.take(reader.varint());
        break;
      case 5:
        field.value = reader.fixed(4);
        break;
      default:
        throw DataError("wire type {}", field.wire_type);
    }
    all.push_back(field);
  }
  return all;
}

/// The only field with this number and wire type.
Field field(std::string_view message, std::uint64_t number, std::uint64_t wire_type) {
  std::vector<Field> found;
  for (const Field& one : fields(message))
    if (one.number == number && one.wire_type == wire_type) found.push_back(one);
  if (found.size() != 1) throw DataError("{} fields {} of wire type {}", found.size(), number, wire_type);
  return found.front();
}

/// The events of a file, whose lengths and checksums must be correct.
std::vector<std::string_view> events(std::string_view file) {
  const auto masked = [](std::string_view bytes) {
    const std::uint32_t crc = train::crc32c(bytes);
    return ((crc >> 15U) | (crc << 17U)) + 0xA282EAD8U;
  };
  std::vector<std::string_view> all;
  for (Reader reader(file); !reader.at_end();) {
    const std::string_view length = reader.take(8);
    CHECK(reader.fixed(4) == masked(length));
    all.push_back(reader.take(Reader(length).fixed(8)));
    CHECK(reader.fixed(4) == masked(all.back()));
  }
  return all;
}

double wall_time(std::string_view event) {
  return std::bit_cast<double>(field(event, 1, 1).value);
}

}  // namespace

TEST_CASE("CRC-32C gives the published check value", "[golden]") {
  CHECK(train::crc32c("123456789") == 0xE3069283U);
}

TEST_CASE("a TensorBoard file holds each scalar's tag, step and value") {
  struct Scalar {
    std::string tag;
    std::int64_t step;
    double value;
  };
  const std::vector<Scalar> scalars = {{"loss/total", 0, 1.5},
                                       {"loss/total", 300, 0.1},
                                       {"rate", 5'000'000'000, -2e30},
                                       {std::string(200, 'x'), 127, 0}};
  const testing::TempDir folder;
  const double before = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  {
    train::TensorBoardWriter writer(folder.path());
    for (const Scalar& scalar : scalars) writer.scalar(scalar.tag, scalar.step, scalar.value);
  }
  const std::string file = read_file(std::filesystem::directory_iterator(folder.path())->path());
  const std::vector<std::string_view> found = events(file);
  REQUIRE(found.size() == 1 + scalars.size());
  CHECK(field(found[0], 3, 2).bytes == "brain.Event:2");
  CHECK(fields(found[0]).size() == 2);  // that and its time
  for (const std::string_view event : found) CHECK(wall_time(event) == Approx(before).margin(60));
  for (std::size_t i = 0; i < scalars.size(); ++i) {
    const std::string_view event = found[i + 1];
    CHECK(static_cast<std::int64_t>(field(event, 2, 0).value) == scalars[i].step);
    const std::string_view value = field(field(event, 5, 2).bytes, 1, 2).bytes;  // Event.summary, Summary.value
    CHECK(field(value, 1, 2).bytes == scalars[i].tag);
    CHECK(std::bit_cast<float>(static_cast<std::uint32_t>(field(value, 2, 5).value)) ==
          static_cast<float>(scalars[i].value));
    CHECK(fields(event).size() == 3);
    CHECK(fields(value).size() == 2);
  }
}
