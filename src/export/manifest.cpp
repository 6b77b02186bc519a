// SPDX-License-Identifier: Apache-2.0
#include "export/manifest.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/json_text.h"
#include "pocketstyle/core/version.h"
#include "pocketstyle/network/layers.h"
#include "pocketstyle/nn/weights.h"
#include "pocketstyle/run/metadata.h"

#include <torch/version.h>

#include <cmath>

namespace pocketstyle::exporting {
namespace {

using formats::Container, formats::FormatSpec, formats::PictureIo;
using Json = nlohmann::ordered_json;

/// JSON has no infinity: the PSNR of equal pictures is null.
Json number_or_null(double value) {
  return std::isfinite(value) ? Json(value) : Json(nullptr);
}

/// Describes an application's input and output.
Json contract(const config::Architecture& architecture, const FormatSpec& spec, const ExportOptions& options) {
  Json json;
  if (spec.io == PictureIo::u8_nhwc) {
    json = {{"dtype", "uint8"}, {"layout", "NHWC"}, {"channels", "RGB"}, {"range", "0..255"}};
  } else if (spec.io == PictureIo::rgba_hwc) {
    const char* layout = spec.container == Container::tflite ? "NHWC" : "HWC";
    json = {{"dtype", "uint8"}, {"layout", layout}, {"channels", "RGBA, alpha copied"}, {"range", "0..255"}};
  } else if (spec.io == PictureIo::float_nhwc01) {
    json = {{"dtype", "float32"}, {"layout", "NHWC"}, {"channels", "RGB"}, {"range", "0..1"}};
  } else {
    const char* range = spec.container == Container::safetensors ? "0..255" : "0..1";
    json = {{"dtype", "float32"}, {"layout", "NCHW"}, {"channels", "RGB"}, {"range", range}};
  }
  if (options.static_hw && spec.static_sizes) {
    json["height"] = options.static_hw->first;
    json["width"] = options.static_hw->second;
  } else {
    json["min_side"] = network::min_side(architecture);
    if (spec.side_multiple > 1) json["side_multiple"] = spec.side_multiple;
    json["sizes"] = fmt::format("any height and width of min_side or more{}; output as large as the input",
                                spec.side_multiple > 1 ? " that side_multiple divides" : "");
  }
  return json;
}

}  // namespace

Lowering lowering_of(const ExportOptions& options, ExportFormat format) {
  const bool lite = formats::spec_of(format).container == Container::lite;
  return options.lowering.value_or(lite ? Lowering::xnnpack : Lowering::none);
}

Json about(const nn::LoadedNet& loaded, ExportFormat format, Precision precision, const ExportOptions& options) {
  const FormatSpec& spec = formats::spec_of(format);
  const Json pictures = contract(loaded.net->architecture, spec, options);
  Json json{{run::kFormatKey, kExportFormat},
            {run::kArchitectureKey, Json::parse(run::architecture_to_json(loaded.net->architecture))},
            {"input", pictures},
            {"output", pictures},
            {"weights", to_string(precision)},
            {"versions", {{"pocketstyle", version()}, {"libtorch", TORCH_VERSION}}}};
  if (spec.container == Container::onnx || spec.container == Container::tflite) {
    json["input"]["name"] = "image";
    json["output"]["name"] = "styled";
  } else if (spec.container != Container::safetensors) {
    json["optimize"] = to_string(lowering_of(options, format));
    json["methods"] = {{"forward", "float32 NCHW RGB 0..1"},
                       {"run_u8", "uint8 NHWC RGB"},
                       {"run_rgba", "uint8 [H, W, 4] RGBA, alpha copied"}};
  }
  if (const auto run = loaded.metadata.find(run::kProvenanceKey); run != loaded.metadata.end()) {
    const Json parsed = parse_json<Json>(run->second);
    json[run::kProvenanceKey] = parsed.is_discarded() ? Json(run->second) : parsed;
  }
  return json;
}

std::string manifest(const nn::LoadedNet& loaded, const ExportResult& result, const ExportOptions& options,
                     std::span<const Runtime> runtimes) {
  Json json{{"file", result.file.filename().string()},
            {"kind", to_string(result.format)},
            {"bytes", result.bytes},
            {"sha256", result.sha256}};
  json.update(about(loaded, result.format, result.precision, options));
  for (const Runtime& runtime : runtimes)
    if (runtime.bytecode) json["versions"]["bytecode"] = *runtime.bytecode;
  json["precision_psnr_db"] = number_or_null(result.precision_psnr_db);
  if (result.mean_diff_percent) {
    json["loss_percent"] = *result.mean_diff_percent;
  } else {
    json["conditioning"] = number_or_null(result.conditioning);
    if (!options.tolerance) json["tolerance_factor"] = kToleranceFactor;
    json["tolerance"] = result.tolerance;
  }
  for (const Parity& p : result.parity)
    json["parity"].push_back({{"runtime", p.runtime},
                              {"height", p.height},
                              {"width", p.width},
                              {"pictures", p.pictures},
                              {"max_difference", p.max_difference},
                              {"mean_difference", p.mean_difference},
                              {"psnr_db", number_or_null(p.psnr_db)}});
  return json_text(json, 2) + "\n";
}

std::string to_json(const std::vector<ExportResult>& results) {
  Json json{{"files", Json::array()}};
  for (const ExportResult& result : results)
    json["files"].push_back({{"file", result.file.filename().string()},
                             {"kind", to_string(result.format)},
                             {"weights", to_string(result.precision)},
                             {"written", result.written()},
                             {"max_difference", number_or_null(result.max_difference())},
                             {"tolerance", result.tolerance},
                             {"failure", result.written() ? Json(nullptr) : Json(result.failure)}});
  return json_text(json, 2) + "\n";
}

}  // namespace pocketstyle::exporting
