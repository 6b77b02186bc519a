// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/export/describe.h"

#include "export/onnx_model.h"
#include "export/tflite_model.h"
#include "export/zip.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"
#include "pocketstyle/core/json_text.h"
#include "pocketstyle/export/export.h"
#include "pocketstyle/network/layer_table.h"
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

constexpr int kNewestFormat = 1;  // for weights, checkpoints, VGG files and exports alike

/// "weights" for "weights 1". Throws DataError for a version number newer than this program's.
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

/// Whether the text starts with the length of a JSON header that fits into the file, and the header's first character.
bool looks_like_safetensors(const std::string& bytes) {
  constexpr std::size_t kLengthBytes = 8;
  if (bytes.size() <= kLengthBytes || bytes[kLengthBytes] != '{') return false;
  return std::all_of(bytes.begin() + 5, bytes.begin() + kLengthBytes, [](char c) { return c == '\0'; });
}

/// Our metadata member of an exported file, flattened to text. Modules from elsewhere have none.
void describe_extra(FileDescription& file, const std::string& text, const std::string& where) {
  if (text.empty()) return;
  const auto json = parse_json<nlohmann::ordered_json>(text);
  if (!json.is_object()) throw DataError("{}: its {} is damaged", where, kExtraFileName);
  for (const auto& [key, value] : json.items())
    file.metadata[key] = value.is_string() ? value.get<std::string>() : json_text(value);
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
      throw DataError("{}: a zip archive without a TorchScript module: {}", where, nn::how_to_convert(where));
    extra = archive.read(std::string("extra/") + kExtraFileName);
  } catch (const std::invalid_argument& error) {
    throw DataError("{}: {}", where, error.what());
  }
  describe_extra(file, extra, where);
}

void describe_onnx(FileDescription& file, const std::string& bytes, const std::string& where) {
  const OnnxModel model = parse_onnx(bytes, where);
  file.kind = "onnx";
  for (const OnnxNode& node : model.nodes) ++file.operators[node.op];
  for (const auto& [name, tensor] : model.initializers) file.tensors.emplace_back(name, tensor.sizes().vec());
  const auto extra = model.metadata.find(kExtraFileName);
  if (extra == model.metadata.end()) return;
  describe_extra(file, extra->second, where);
  const auto hash = file.metadata.find(kContentHashKey);
  if (hash == file.metadata.end() || hash->second != content_sha256(model))
    throw DataError("{}: is damaged: its content does not match its checksum", where);
}

void describe_tflite(FileDescription& file, const std::string& bytes, const std::string& where) {
  const TfliteModel model = parse_tflite(bytes, where);
  file.kind = "tflite";
  for (const TfliteOperator& op : model.operators) ++file.operators[op.op];
  for (const TfliteTensor& tensor : model.tensors)
    if (tensor.data.defined()) file.tensors.emplace_back(tensor.name, tensor.shape);
  file.gpu_obstacles = gpu_obstacles(model);
  const auto extra = model.metadata.find(kExtraFileName);
  if (extra == model.metadata.end()) return;
  describe_extra(file, extra->second, where);
  const auto hash = file.metadata.find(kContentHashKey);
  if (hash == file.metadata.end() || !has_content_sha256(bytes, hash->second))
    throw DataError("{}: is damaged: its content does not match its checksum", where);
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
  else if (extension == ".tflite" || looks_like_tflite(bytes))
    describe_tflite(file, bytes, where);
  else if (extension == ".onnx")
    describe_onnx(file, bytes, where);
  else if (nn::looks_like_pickle(bytes))
    throw DataError("{}: is {}", where, nn::how_to_convert(where));
  else if (extension == ".pt" || extension == ".ptl")
    throw DataError("{}: expected a TorchScript file (a zip archive), found something else", where);
  else if (extension != ".safetensors" && !looks_like_safetensors(bytes))
    throw DataError("{}: expected a safetensors, TorchScript (.pt, .ptl), .onnx or .tflite file, found something else",
                    where);
  else
    describe_safetensors(file, bytes, where);
  if (const auto architecture = file.metadata.find(run::kArchitectureKey); architecture != file.metadata.end()) {
    file.architecture = run::architecture_from_json(architecture->second, where);
    network::check_room(*file.architecture, file.bytes, where);
  }
  return file;
}

}  // namespace pocketstyle::exporting
