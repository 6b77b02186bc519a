// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/export/describe.h"

#include "export/onnx_model.h"
#include "export/zip.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"
#include "pocketstyle/export/export.h"
#include "pocketstyle/nn/safetensors.h"
#include "pocketstyle/nn/weights.h"
#include "pocketstyle/run/metadata.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <stdexcept>

namespace pocketstyle::exporting {
namespace fs = std::filesystem;
namespace {

constexpr int kNewestFormat = 1;  // of weights, checkpoints, VGG files and exports alike

/// "weights 1" as "weights". Throws DataError for a number that this version does not know.
std::string checked_format(const std::string& format, const std::string& where) {
  const auto space = format.find(' ');
  int number = 0;
  const char* const end = format.data() + format.size();
  if (space == std::string::npos || std::from_chars(format.data() + space + 1, end, number).ptr != end || number < 1)
    throw DataError("{}: {}: expected a word and a number, found '{}'", where, run::kFormatKey, format);
  if (number > kNewestFormat)
    throw DataError("{}: made by a newer version of pocketstyle: format '{}', this version reads up to {}", where,
                    format, kNewestFormat);
  return format.substr(0, space);
}

void describe_safetensors(FileDescription& file, const std::string& bytes, const std::string& where) {
  const nn::TensorFile content = nn::parse_safetensors(bytes, where);
  file.metadata = content.metadata;
  for (const auto& [name, tensor] : content.tensors) file.tensors.emplace_back(name, tensor.sizes().vec());
  const auto format = content.metadata.find(run::kFormatKey);
  const auto architecture = content.metadata.find("architecture");
  if (format != content.metadata.end()) {
    file.kind = checked_format(format->second, where);
    if (file.kind == "vgg16") file.kind = "vgg16 weights";
  } else if (architecture != content.metadata.end() && architecture->second == "vgg16") {
    file.kind = "vgg16 weights";
  } else {
    file.kind = "safetensors";
  }
}

/// The length of a JSON header, which the file has room for, and its first letter.
bool looks_like_safetensors(const std::string& bytes) {
  constexpr std::size_t kLengthBytes = 8;
  if (bytes.size() <= kLengthBytes || bytes[kLengthBytes] != '{') return false;
  return std::all_of(bytes.begin() + 5, bytes.begin() + kLengthBytes, [](char c) { return c == '\0'; });
}

/// Our member of an exported file, flattened to texts. A module from elsewhere has none.
void describe_extra(FileDescription& file, const std::string& text, const std::string& where) {
  if (text.empty()) return;
  try {
    const auto json = nlohmann::ordered_json::parse(text);
    for (const auto& [key, value] : json.items())
      file.metadata[key] = value.is_string() ? value.get<std::string>() : value.dump();
  } catch (const nlohmann::json::exception& error) {
    throw DataError("{}: its {} is damaged: {}", where, kExtraFileName, error.what());
  }
  const auto format = file.metadata.find(run::kFormatKey);
  if (format != file.metadata.end()) checked_format(format->second, where);
}

void describe_torchscript(FileDescription& file, const std::string& bytes, const std::string& where) {
  std::string extra;
  try {
    const ZipArchive archive(bytes);
    if (archive.has("bytecode.pkl"))
      file.kind = "lite";
    else if (archive.has("data.pkl") && archive.has("constants.pkl"))
      file.kind = "torchscript";
    else
      throw DataError("{}: a zip archive, but no TorchScript module in it (a Python checkpoint?)", where);
    extra = archive.read(std::string("extra/") + kExtraFileName);
  } catch (const std::invalid_argument& error) {
    throw DataError("{}: {}", where, error.what());
  }
  describe_extra(file, extra, where);
}

void describe_onnx(FileDescription& file, const std::string& bytes, const std::string& where) {
  const OnnxModel model = parse_onnx(bytes, where);
  file.kind = "onnx";
  for (const auto& [name, tensor] : model.initializers) file.tensors.emplace_back(name, tensor.sizes().vec());
  const auto extra = model.metadata.find(kExtraFileName);
  if (extra == model.metadata.end()) return;
  describe_extra(file, extra->second, where);
  const auto hash = file.metadata.find(kContentHashKey);
  if (hash == file.metadata.end() || hash->second != content_sha256(model))
    throw DataError("{}: is damaged: its content is not what it was when written", where);
}

}  // namespace

FileDescription describe_file(const fs::path& path) {
  const fs::path resolved = nn::resolve_net_path(path);
  const std::string where = resolved.string();
  const std::string bytes = read_file(resolved);
  FileDescription file;
  file.bytes = bytes.size();
  file.sha256 = sha256_hex(bytes);
  const std::string extension = lower_extension(resolved);
  if (looks_like_zip(bytes))
    describe_torchscript(file, bytes, where);
  else if (extension == ".onnx")
    describe_onnx(file, bytes, where);
  else if (extension == ".pt" || extension == ".ptl")
    throw DataError("{}: expected a TorchScript file (a zip archive), found something else", where);
  else if (extension != ".safetensors" && !looks_like_safetensors(bytes))
    throw DataError("{}: expected a safetensors, TorchScript (.pt, .ptl) or .onnx file, found something else", where);
  else
    describe_safetensors(file, bytes, where);
  if (const auto architecture = file.metadata.find(run::kArchitectureKey); architecture != file.metadata.end())
    file.architecture = run::architecture_from_json(architecture->second, where);
  return file;
}

}  // namespace pocketstyle::exporting
