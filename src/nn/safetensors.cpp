// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/nn/safetensors.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"
#include "pocketstyle/core/json_text.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cstring>

namespace pocketstyle::nn {
namespace {

struct DtypeName {
  const char* name;
  torch::ScalarType type;
};
constexpr std::array kDtypes = {DtypeName{"F64", torch::kFloat64}, DtypeName{"F32", torch::kFloat32},
                                DtypeName{"F16", torch::kFloat16}, DtypeName{"BF16", torch::kBFloat16},
                                DtypeName{"I64", torch::kInt64},   DtypeName{"I32", torch::kInt32},
                                DtypeName{"I16", torch::kInt16},   DtypeName{"I8", torch::kInt8},
                                DtypeName{"U8", torch::kUInt8},    DtypeName{"BOOL", torch::kBool}};
constexpr std::size_t kLengthBytes = 8;
constexpr std::size_t kMostDimensions = 64;  // as many as LibTorch's operators take

std::uint64_t header_length(std::string_view bytes) {
  std::uint64_t length = 0;
  for (std::size_t i = 0; i < kLengthBytes; ++i)
    length |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
  return length;
}

struct Entry {
  std::string name;
  torch::ScalarType type{};
  std::vector<std::int64_t> shape;
  std::uint64_t begin = 0, end = 0;
};

Entry parse_entry(const std::string& key, const nlohmann::ordered_json& value, std::uint64_t data_size) {
  Entry entry;
  entry.name = key;
  const auto dtype = value.at("dtype").get<std::string>();
  const auto* known = std::find_if(kDtypes.begin(), kDtypes.end(), [&](const DtypeName& d) { return dtype == d.name; });
  if (known == kDtypes.end()) throw std::invalid_argument(fmt::format("tensor {}: unknown dtype {}", key, dtype));
  entry.type = known->type;
  const auto& offsets = value.at("data_offsets");
  if (!offsets.is_array() || offsets.size() != 2 || !offsets[0].is_number_unsigned() ||
      !offsets[1].is_number_unsigned())
    throw std::invalid_argument(fmt::format("tensor {}: data_offsets is not a pair of positions", key));
  entry.begin = offsets[0].get<std::uint64_t>();
  entry.end = offsets[1].get<std::uint64_t>();
  if (entry.begin > entry.end || entry.end > data_size)
    throw std::invalid_argument(fmt::format("tensor {}: needs bytes {}..{}, the file has {} (truncated?)", key,
                                            entry.begin, entry.end, data_size));
  std::uint64_t size = torch::elementSize(entry.type);
  const auto& shape = value.at("shape");
  if (!shape.is_array() || shape.size() > kMostDimensions)
    throw std::invalid_argument(
        fmt::format("tensor {}: its shape is not a list of {} numbers or fewer", key, kMostDimensions));
  for (const auto& dimension : shape) {
    if (!dimension.is_number_integer())
      throw std::invalid_argument(fmt::format("tensor {}: its shape has something else than whole numbers", key));
    const auto n = dimension.get<std::int64_t>();
    if (n < 0 || (n > 0 && size > data_size / static_cast<std::uint64_t>(n)))
      throw std::invalid_argument(fmt::format("tensor {}: its shape is larger than the file", key));
    size *= static_cast<std::uint64_t>(n);
    entry.shape.push_back(n);
  }
  if (entry.end - entry.begin != size)
    throw std::invalid_argument(
        fmt::format("tensor {}: shape and dtype need {} bytes, found {}", key, size, entry.end - entry.begin));
  return entry;
}

void check_no_overlap(std::vector<Entry> entries) {
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.begin < b.begin; });
  for (std::size_t i = 1; i < entries.size(); ++i)
    if (entries[i].begin < entries[i - 1].end)
      throw std::invalid_argument(fmt::format("tensors {} and {} share bytes", entries[i - 1].name, entries[i].name));
}

TensorFile parse(std::string_view bytes) {
  if (bytes.size() < kLengthBytes) throw std::invalid_argument("too short for a safetensors file");
  if (bytes.size() > kLengthBytes && bytes[kLengthBytes] != '{') throw std::invalid_argument("not a safetensors file");
  const std::uint64_t length = header_length(bytes);
  if (length > bytes.size() - kLengthBytes)
    throw std::invalid_argument(fmt::format("header of {} bytes in a file of {} (truncated?)", length, bytes.size()));
  const std::string_view header = bytes.substr(kLengthBytes, length);
  const std::string_view data = bytes.substr(kLengthBytes + length);
  const auto json = nlohmann::ordered_json::parse(header);
  TensorFile file;
  std::vector<Entry> entries;
  for (const auto& [key, value] : json.items()) {
    if (key == "__metadata__") {
      for (const auto& [name, text] : value.items()) file.metadata[name] = text.get<std::string>();
    } else {
      entries.push_back(parse_entry(key, value, data.size()));
    }
  }
  check_no_overlap(entries);
  for (const Entry& entry : entries) {
    torch::Tensor tensor = torch::empty(entry.shape, torch::TensorOptions().dtype(entry.type));
    if (entry.end > entry.begin) std::memcpy(tensor.data_ptr(), data.data() + entry.begin, entry.end - entry.begin);
    file.tensors.emplace_back(entry.name, tensor);
  }
  return file;
}

}  // namespace

const torch::Tensor* TensorFile::find(const std::string& name) const {
  for (const auto& [key, tensor] : tensors)
    if (key == name) return &tensor;
  return nullptr;
}

std::uint64_t TensorFile::numbers() const {
  std::uint64_t count = 0;
  for (const auto& [name, tensor] : tensors) count += static_cast<std::uint64_t>(tensor.numel());
  return count;
}

bool looks_like_pickle(std::string_view bytes) {
  using namespace std::string_view_literals;
  return bytes.starts_with("PK\x03\x04"sv) || bytes.starts_with("\x80\x02\x8A\x0A"sv);  // since PyTorch 1.6; before it
}

std::string how_to_convert(const std::filesystem::path& path) {
  std::filesystem::path converted = path.filename();
  converted.replace_extension("safetensors");
  return fmt::format(
      "a checkpoint of PyTorch, which Python converts: python3 -c \"import torch, safetensors.torch as s; "
      "s.save_file({{k: v.contiguous() for k, v in torch.load('{}', 'cpu').items()}}, '{}')\" (pip install torch "
      "safetensors), then pocketstyle import {}",
      path.filename().string(), converted.string(), converted.string());
}

TensorFile parse_safetensors(std::string_view bytes, const std::string& name) {
  if (looks_like_pickle(bytes)) throw DataError("{}: is {}", name, how_to_convert(name));
  try {
    return parse(bytes);
  } catch (const nlohmann::json::exception&) {
    throw DataError("{}: its header is damaged, or this is not a safetensors file", name);
  } catch (const std::invalid_argument& error) {
    throw DataError("{}: {}", name, error.what());
  } catch (const c10::Error&) {
    throw DataError("{}: a tensor's shape is out of range", name);
  }
}

TensorFile read_safetensors(const std::filesystem::path& path) {
  return parse_safetensors(read_file(path), path.string());
}

std::string to_safetensors(const TensorFile& file) {
  nlohmann::ordered_json header;
  if (!file.metadata.empty()) header["__metadata__"] = file.metadata;
  std::vector<torch::Tensor> contiguous;
  std::uint64_t offset = 0;
  for (const auto& [name, tensor] : file.tensors) {
    contiguous.push_back(tensor.detach().to(torch::kCPU).contiguous());
    const torch::Tensor& t = contiguous.back();
    const auto* known =
        std::find_if(kDtypes.begin(), kDtypes.end(), [&](const DtypeName& d) { return d.type == t.scalar_type(); });
    if (known == kDtypes.end()) throw RuntimeFailure("tensor {}: a dtype that safetensors does not have", name);
    header[name] = {
        {"dtype", known->name}, {"shape", t.sizes().vec()}, {"data_offsets", {offset, offset + t.nbytes()}}};
    offset += t.nbytes();
  }
  std::string text = json_text(header);
  text.append((kLengthBytes - text.size() % kLengthBytes) % kLengthBytes, ' ');
  std::string bytes;
  bytes.reserve(kLengthBytes + text.size() + offset);
  for (std::size_t i = 0; i < kLengthBytes; ++i) bytes += static_cast<char>((text.size() >> (8 * i)) & 0xFFU);
  bytes += text;
  for (const torch::Tensor& t : contiguous) bytes.append(static_cast<const char*>(t.data_ptr()), t.nbytes());
  return bytes;
}

void write_safetensors(const std::filesystem::path& path, const TensorFile& file) {
  write_file_atomically(path, to_safetensors(file));
}

}  // namespace pocketstyle::nn
