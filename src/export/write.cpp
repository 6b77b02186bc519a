// SPDX-License-Identifier: Apache-2.0
#include "export/write.h"

#include "export/manifest.h"
#include "export/tflite.h"
#include "export/torchscript.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/json_text.h"
#include "pocketstyle/nn/weights.h"
#include "pocketstyle/run/metadata.h"

#include <caffe2/serialize/inline_container.h>
#include <nlohmann/json.hpp>

#include <sstream>

// LibTorch exports it, but Debian's package of 1.13 has no header for it.
namespace torch::jit {
TORCH_API bool _backport_for_mobile(std::istream& in, std::ostream& out, int64_t to_version);
}  // namespace torch::jit

namespace pocketstyle::exporting {
namespace {

using Json = nlohmann::ordered_json;

std::string safetensors_bytes(const nn::LoadedNet& loaded) {
  nn::TensorFile file;
  nn::put_net(file, loaded.net);
  file.metadata[run::kFormatKey] = run::kWeightsFormat;
  if (const auto run = loaded.metadata.find(run::kProvenanceKey); run != loaded.metadata.end())
    file.metadata[run::kProvenanceKey] = run->second;
  return nn::to_safetensors(file);
}

/// A Lite file without its operators' source positions, which only stack traces use, and with its pickles deflated: 40
/// kB smaller.
std::string repacked(std::string lite) {
  std::istringstream in(std::move(lite));
  caffe2::serialize::PyTorchStreamReader reader(&in);
  std::string bytes;
  caffe2::serialize::PyTorchStreamWriter writer([&](const void* data, std::size_t size) {
    bytes.append(static_cast<const char*>(data), size);
    return size;
  });
  for (const std::string& name : reader.getAllRecords()) {
    if (name.ends_with(".debug_pkl") || name == "version" || name.starts_with(".data/"))
      continue;  // added by the writer
    const auto [data, size] = reader.getRecord(name);
    writer.writeRecord(name, data.get(), size, /*compress=*/name.ends_with(".pkl") || name.ends_with(".py"));
  }
  writer.writeEndOfFile();
  return bytes;
}

torch::jit::Module module_of(const Graph& graph, const ExportResult& result, const ExportOptions& options) {
  return to_torchscript(graph, result.precision, form_of(lowering_of(options, result.format)));
}

std::string torchscript_bytes(const torch::jit::Module& module, const torch::jit::ExtraFilesMap& extra) {
  std::ostringstream out;
  module.save(out, extra);
  return std::move(out).str();
}

std::string lite_bytes(const torch::jit::Module& module, const torch::jit::ExtraFilesMap& extra,
                       const ExportOptions& options) {
  std::ostringstream out;
  module._save_for_mobile(out, extra);
  if (options.bytecode == kNewestBytecode) return repacked(std::move(out).str());
  std::istringstream newest(std::move(out).str());
  std::ostringstream older;
  if (!torch::jit::_backport_for_mobile(newest, older, options.bytecode))
    throw RuntimeFailure("this LibTorch cannot write Lite bytecode {}", options.bytecode);
  return repacked(std::move(older).str());
}

std::string onnx_bytes(const Graph& graph, const ExportResult& result, Json about, const ExportOptions& options,
                       const Ranges& ranges) {
  OnnxModel model = to_onnx(graph, result.precision,
                            {.io = formats::spec_of(result.format).io,
                             .pad_by_slices = options.onnx_pad_slices,
                             .ranges = ranges,
                             .static_hw = options.static_hw});
  about[kContentHashKey] = content_sha256(model);
  model.metadata[kExtraFileName] = json_text(about, 1);
  return to_onnx_bytes(model);
}

std::string tflite_bytes(const Graph& graph, const ExportResult& result, Json about, const ExportOptions& options) {
  TfliteModel model =
      to_tflite(graph, result.precision, {.io = formats::spec_of(result.format).io, .static_hw = options.static_hw});
  about[kContentHashKey] = kNoContentHash;
  model.metadata[kExtraFileName] = json_text(about, 1);
  return with_content_sha256(to_tflite_bytes(model));
}

}  // namespace

std::string serialise(const nn::LoadedNet& loaded, const Graph& graph, const ExportResult& result,
                      const ExportOptions& options, const Ranges& ranges) {
  const formats::Container container = formats::spec_of(result.format).container;
  if (container == formats::Container::safetensors) return safetensors_bytes(loaded);
  const Json text = about(loaded, result.format, result.precision, options);
  const torch::jit::ExtraFilesMap extra{{kExtraFileName, json_text(text, 1)}};
  switch (container) {
    case formats::Container::torchscript:
      return torchscript_bytes(module_of(graph, result, options), extra);
    case formats::Container::lite:
      return lite_bytes(module_of(graph, result, options), extra, options);
    case formats::Container::tflite:
      return tflite_bytes(graph, result, text, options);
    default:
      return onnx_bytes(graph, result, text, options, ranges);
  }
}

}  // namespace pocketstyle::exporting
