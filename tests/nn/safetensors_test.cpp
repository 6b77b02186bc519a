// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/nn/safetensors.h"

#include "support/catch.h"
#include "support/temp_dir.h"

using namespace pocketstyle;
using testing::contains;
using testing::error_of;

namespace {

nn::TensorFile sample() {
  nn::TensorFile file;
  file.tensors = {{"b", torch::arange(6, torch::kFloat32).view({2, 3})},
                  {"a", torch::arange(4, torch::kInt64)},
                  {"h", torch::ones({3}, torch::kFloat16)},
                  {"empty", torch::empty({0, 2})}};
  file.metadata = {{"k", "v \"quoted\""}};
  return file;
}

/// A file with this header and a few bytes of data.
std::string with_header(const std::string& header) {
  std::string bytes(8, '\0');
  bytes[0] = static_cast<char>(header.size() & 255U);
  bytes[1] = static_cast<char>(header.size() >> 8U);
  return bytes + header + std::string(8, 'x');
}

}  // namespace

TEST_CASE("a safetensors file comes back equal, in its order") {
  const testing::TempDir folder;
  nn::write_safetensors(folder / "x.safetensors", sample());
  const auto back = nn::read_safetensors(folder / "x.safetensors");
  CHECK(back.metadata == sample().metadata);
  REQUIRE(back.tensors.size() == 4);
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(back.tensors[i].first == sample().tensors[i].first);
    CHECK(torch::equal(back.tensors[i].second, sample().tensors[i].second));
    CHECK(back.tensors[i].second.scalar_type() == sample().tensors[i].second.scalar_type());
  }
}

TEST_CASE("a broken safetensors file is one clear error") {
  struct Case {
    std::string header, message;
  };
  const Case c = GENERATE(values<Case>(
      {{"not json", "not a safetensors file"},
       {"[1]", "not a safetensors file"},
       {R"({"a":{"dtype":"F99","shape":[1],"data_offsets":[0,4]}})", "unknown dtype F99"},
       {R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}})", "need 8 bytes, found 4"},
       {R"({"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}})", "truncated"},
       {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}})", "truncated"},
       {R"({"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}})", "larger than the file"},
       {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}})", "pair of positions"},
       {R"({"a":{"dtype":"F32","shape":[9223372036854775807,9],"data_offsets":[0,4]}})", "larger than the file"},
       {R"({"a":{"dtype":"F32","shape":[1e300],"data_offsets":[0,4]}})", "something else than whole numbers"},
       {R"({"a":{"dtype":"F32","shape":1,"data_offsets":[0,4]}})", "not a list of 64 numbers or fewer"},
       {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}})",
        "share bytes"}}));
  const std::string bytes = with_header(c.header);
  const std::string error = error_of([&] { nn::parse_safetensors(bytes, "f.safetensors"); });
  INFO(error);
  CHECK(contains(error, "data: f.safetensors: "));
  CHECK(contains(error, c.message));
}

TEST_CASE("a tensor of more dimensions than LibTorch takes is refused") {
  std::string ones = "1";
  for (int i = 1; i < 65; ++i) ones += ",1";
  const std::string bytes = with_header(R"({"a":{"dtype":"F32","data_offsets":[0,4],"shape":[)" + ones + "]}}");
  CHECK(contains(error_of([&] { nn::parse_safetensors(bytes, "f"); }), "not a list of 64 numbers or fewer"));
}

TEST_CASE("every truncation of a safetensors file is refused") {
  const std::string bytes = nn::to_safetensors(sample());
  for (std::size_t length = 0; length < bytes.size(); ++length)
    CHECK(error_of([&] { nn::parse_safetensors(bytes.substr(0, length), "f"); }) != "no error");
}
