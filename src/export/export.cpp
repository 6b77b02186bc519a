// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/export/export.h"

#include "export/onnx.h"
#include "export/parity.h"
#include "export/references.h"
#include "export/staged_file.h"
#include "export/torchscript.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"
#include "pocketstyle/core/version.h"
#include "pocketstyle/media/image.h"
#include "pocketstyle/media/tensor.h"
#include "pocketstyle/nn/weights.h"
#include "pocketstyle/run/metadata.h"

#include <caffe2/serialize/inline_container.h>
#include <nlohmann/json.hpp>
#include <torch/version.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <sstream>

// LibTorch exports it, but Debian's package of 1.13 ships no header for it.
namespace torch::jit {
TORCH_API bool _backport_for_mobile(std::istream& in, std::ostream& out, int64_t to_version);
}  // namespace torch::jit

namespace pocketstyle::exporting {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::ordered_json;

// Runtimes round halves differently on the way to 8 bits, and the instance norms pass that on.
constexpr double kStaticMinPsnrDb = 35;

bool is_onnx(ExportFormat format) {
  return format == ExportFormat::onnx || format == ExportFormat::onnx_u8 || format == ExportFormat::onnx_rgba;
}

PictureIo io_of(ExportFormat format) {
  return format == ExportFormat::onnx_u8     ? PictureIo::u8_nhwc
         : format == ExportFormat::onnx_rgba ? PictureIo::rgba_hwc
                                             : PictureIo::float_nchw01;
}

bool gives_bytes(ExportFormat format) {
  return is_onnx(format) && io_of(format) != PictureIo::float_nchw01;
}

Lowering lowering_of(const ExportOptions& options, ExportFormat format) {
  return options.lowering.value_or(format == ExportFormat::ptl ? Lowering::xnnpack : Lowering::none);
}

/// What an application must feed and what it gets.
Json contract(const config::Architecture& architecture, ExportFormat format, const ExportOptions& options) {
  Json json;
  if (format == ExportFormat::onnx_u8) {
    json = {{"dtype", "uint8"}, {"layout", "NHWC"}, {"channels", "RGB"}, {"range", "0..255"}};
  } else if (format == ExportFormat::onnx_rgba) {
    json = {{"dtype", "uint8"}, {"layout", "HWC"}, {"channels", "RGBA, alpha copied"}, {"range", "0..255"}};
  } else {
    const char* range = format == ExportFormat::safetensors ? "0..255" : "0..1";
    json = {{"dtype", "float32"}, {"layout", "NCHW"}, {"channels", "RGB"}, {"range", range}};
  }
  if (options.static_hw && is_onnx(format)) {
    json["height"] = options.static_hw->first;
    json["width"] = options.static_hw->second;
  } else {
    json["min_side"] = network::min_side(architecture);
    json["sizes"] = "any height and width of min_side or more; output as large as the input";
  }
  return json;
}

/// What every exported file and its manifest say of the network.
Json description(const nn::LoadedNet& loaded, ExportFormat format, Precision precision, const ExportOptions& options) {
  const Json pictures = contract(loaded.net->architecture, format, options);
  Json json{{run::kFormatKey, kExportFormat},
            {run::kArchitectureKey, Json::parse(run::architecture_to_json(loaded.net->architecture))},
            {"input", pictures},
            {"output", pictures},
            {"weights", to_string(precision)},
            {"versions", {{"pocketstyle", version()}, {"libtorch", TORCH_VERSION}}}};
  if (is_onnx(format)) {
    json["input"]["name"] = "image";
    json["output"]["name"] = "styled";
  } else if (format != ExportFormat::safetensors) {
    json["optimize"] = to_string(lowering_of(options, format));
    json["methods"] = {{"forward", "float32 NCHW RGB 0..1"},
                       {"run_u8", "uint8 NHWC RGB"},
                       {"run_rgba", "uint8 [H, W, 4] RGBA, alpha copied"}};
  }
  if (const auto run = loaded.metadata.find(run::kProvenanceKey); run != loaded.metadata.end()) {
    const Json parsed = Json::parse(run->second, nullptr, /*allow_exceptions=*/false);
    json[run::kProvenanceKey] = parsed.is_discarded() ? Json(run->second) : parsed;
  }
  return json;
}

std::string safetensors_bytes(const nn::LoadedNet& loaded) {
  nn::TensorFile file;
  nn::put_net(file, loaded.net);
  file.metadata[run::kFormatKey] = run::kWeightsFormat;
  if (const auto run = loaded.metadata.find(run::kProvenanceKey); run != loaded.metadata.end())
    file.metadata[run::kProvenanceKey] = run->second;
  return nn::to_safetensors(file);
}

/// A Lite file without the positions in the source of its operators, which only tracebacks use, and with its pickles
/// deflated: 40 kB less.
std::string repacked(std::string lite) {
  std::istringstream in(std::move(lite));
  caffe2::serialize::PyTorchStreamReader reader(&in);
  std::string bytes;
  caffe2::serialize::PyTorchStreamWriter writer([&](const void* data, std::size_t size) {
    bytes.append(static_cast<const char*>(data), size);
    return size;
  });
  for (const std::string& name : reader.getAllRecords()) {
    if (name.ends_with(".debug_pkl") || name == "version" || name.starts_with(".data/")) continue;  // the writer's own
    const auto [data, size] = reader.getRecord(name);
    writer.writeRecord(name, data.get(), size, /*compress=*/name.ends_with(".pkl") || name.ends_with(".py"));
  }
  writer.writeEndOfFile();
  return bytes;
}

std::string torchscript_bytes(const Graph& graph, ExportFormat format, Precision precision, const Json& about,
                              const ExportOptions& options) {
  const torch::jit::ExtraFilesMap extra{{kExtraFileName, about.dump(1)}};
  const torch::jit::Module module = to_torchscript(graph, precision, form_of(lowering_of(options, format)));
  std::ostringstream out;
  if (format == ExportFormat::pt) {
    module.save(out, extra);
    return std::move(out).str();
  }
  module._save_for_mobile(out, extra);
  if (options.bytecode == kNewestBytecode) return repacked(std::move(out).str());
  std::istringstream newest(std::move(out).str());
  std::ostringstream older;
  if (!torch::jit::_backport_for_mobile(newest, older, options.bytecode))
    throw RuntimeFailure("this LibTorch cannot write Lite bytecode {}", options.bytecode);
  return repacked(std::move(older).str());
}

std::string onnx_bytes(const Graph& graph, ExportFormat format, Precision precision, Json about,
                       const ExportOptions& options, const Ranges& ranges) {
  OnnxModel model = to_onnx(graph, precision,
                            {.io = io_of(format),
                             .pad_by_slices = options.onnx_pad_slices,
                             .ranges = ranges,
                             .static_hw = options.static_hw});
  about[kContentHashKey] = content_sha256(model);
  model.metadata[kExtraFileName] = about.dump(1);
  return to_onnx_bytes(model);
}

std::string serialise(const nn::LoadedNet& loaded, const Graph& graph, const ExportResult& result,
                      const ExportOptions& options, const Ranges& ranges) {
  if (result.format == ExportFormat::safetensors) return safetensors_bytes(loaded);
  const Json about = description(loaded, result.format, result.precision, options);
  return is_onnx(result.format) ? onnx_bytes(graph, result.format, result.precision, about, options, ranges)
                                : torchscript_bytes(graph, result.format, result.precision, about, options);
}

/// JSON has no infinity: equal pictures have no PSNR.
Json number_or_null(double value) {
  return std::isfinite(value) ? Json(value) : Json(nullptr);
}

Json manifest(const nn::LoadedNet& loaded, const ExportResult& result, const ExportOptions& options,
              const std::vector<Runtime>& runtimes) {
  Json json{{"file", result.file.filename().string()},
            {"kind", to_string(result.format)},
            {"bytes", result.bytes},
            {"sha256", result.sha256}};
  json.update(description(loaded, result.format, result.precision, options));
  for (const Runtime& runtime : runtimes)
    if (runtime.bytecode) json["versions"]["bytecode"] = *runtime.bytecode;
  json["precision_psnr_db"] = number_or_null(result.precision_psnr_db);
  if (result.mean_diff_percent)
    json["loss_percent"] = *result.mean_diff_percent;
  else
    json["tolerance"] = options.tolerance;
  for (const Parity& p : result.parity)
    json["parity"].push_back({{"runtime", p.runtime},
                              {"height", p.height},
                              {"width", p.width},
                              {"pictures", p.pictures},
                              {"max_difference", p.max_difference},
                              {"mean_difference", p.mean_difference},
                              {"psnr_db", number_or_null(p.psnr_db)}});
  return json;
}

void check_options(const std::string& name, const config::Architecture& architecture, const ExportOptions& options) {
  if (name.empty() || name == "." || name == ".." || name.find('/') != std::string::npos)
    throw UsageError("export name '{}': expected a file name without folder and extension", name);
  if (!(options.tolerance > 0) || !std::isfinite(options.tolerance))
    throw UsageError("export tolerance: expected a number above 0, found {}", options.tolerance);
  if (options.formats.empty() || options.precisions.empty())
    throw UsageError("export: expected at least one format and one precision");
  if (options.bytecode < kOldestBytecode || options.bytecode > kNewestBytecode)
    throw UsageError("export bytecode: expected {} to {}, found {}", kOldestBytecode, kNewestBytecode,
                     options.bytecode);
  const std::int64_t least = network::min_side(architecture);
  if (options.static_hw && std::min(options.static_hw->first, options.static_hw->second) < least)
    throw UsageError("export size {}x{}: expected sides of {} or more", options.static_hw->first,
                     options.static_hw->second, least);
}

void check_within(const ExportResult& result, const ExportOptions& options) {
  if (result.mean_diff_percent) {
    if (*result.mean_diff_percent <= options.max_mean_diff_percent) return;
    throw VerificationError(
        "{}: its pictures differ from the trained network's by {:.2f}% of the range on average, allowed is {:.2f}% "
        "(--max-mean-diff); nothing was written",
        result.file.string(), *result.mean_diff_percent, options.max_mean_diff_percent);
  }
  const double tolerance = options.tolerance;
  const double allowed = tolerance + (gives_bytes(result.format) ? 0.5 / 255 : 0.0);  // rounding
  for (const Parity& p : result.parity)
    if (!(p.max_difference <= allowed))
      throw VerificationError(
          "{}: at {}x{} the {} runtime differs from the trained network by {:.3g}, allowed is {:.3g}; "
          "nothing was written",
          result.file.string(), p.height, p.width, p.runtime, p.max_difference, allowed);
}

/// The files to write, in the order of the enums, each once.
std::vector<ExportResult> plan(const fs::path& folder, const std::string& name, const ExportOptions& options) {
  std::vector<ExportResult> results;
  for (const Precision precision : {Precision::fp32, Precision::fp16, Precision::int8, Precision::int8_static})
    for (std::size_t i = 0; i < export_format_names().size(); ++i) {
      const auto format = static_cast<ExportFormat>(i);
      if (std::find(options.formats.begin(), options.formats.end(), format) == options.formats.end()) continue;
      if (std::find(options.precisions.begin(), options.precisions.end(), precision) == options.precisions.end())
        continue;
      if (format == ExportFormat::safetensors && precision != Precision::fp32) continue;
      if (!is_onnx(format) && precision == Precision::int8_static) continue;
      ExportResult result;
      result.format = format;
      result.precision = precision;
      const std::string suffix = precision == Precision::fp32 ? "" : "." + to_string(precision);
      result.file = folder / fmt::format("{}{}.{}", name, suffix, to_string(format));
      result.manifest = result.file.string() + ".json";
      check_can_write(result.file, options.force);
      check_can_write(result.manifest, options.force);
      results.push_back(std::move(result));
    }
  if (results.empty()) throw UsageError("export: safetensors files are written in fp32 only, int8-static in ONNX only");
  return results;
}

/// How far two networks are apart on the pictures of the cases.
double psnr_between(std::span<const ParityCase> a, std::span<const ParityCase> b) {
  double squares = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    squares += (a[i].expected - b[i].expected).to(torch::kFloat64).square().mean().item<double>();
  return psnr_db(squares / static_cast<double>(a.size()));
}

/// What int8-static needs: ranges from one half of the photos, and the other half as cases to measure its loss on.
struct Calibration {
  Ranges ranges;
  std::vector<ParityCase> cases;
};

Calibration calibrate_on(const fs::path& folder, const nn::StyleNet& net, const Graph& graph,
                         const ExportOptions& options) {
  constexpr std::size_t kPhotos = 16;
  constexpr std::int64_t kLongSide = 256;
  std::vector<torch::Tensor> photos;
  for (const fs::path& path : list_files(folder, media::readable_extensions())) {
    if (photos.size() == kPhotos) break;
    media::Image photo = media::resize_long_side(media::load_image(path), kLongSide);
    if (options.static_hw) photo = media::resize(photo, options.static_hw->second, options.static_hw->first);
    photos.push_back(media::to_tensor_nchw255(photo) / 255);
  }
  if (photos.size() < 2)
    throw UsageError("{}: int8-static is calibrated on photos: expected two or more there", folder.string());
  Calibration calibration;
  std::vector<torch::Tensor> measured;
  nn::StyleNet trained = net;
  for (std::size_t i = 0; i < photos.size(); ++i) {
    if (i % 2 == 0)
      measured.push_back(photos[i]);
    else
      calibration.cases.push_back({photos[i], torch::clamp(trained->forward(photos[i] * 255) / 255, 0, 1)});
  }
  calibration.ranges = calibrate(graph, measured);
  return calibration;
}

/// Fills in what a file of int8-static costs.
void measure_loss(ExportResult& result, const Runtime& runtime, std::span<const ParityCase> cases) {
  double mean = 0, psnr = std::numeric_limits<double>::infinity();
  const std::vector<Parity> parity = measure_parity(runtime, cases);
  for (const Parity& one : parity) {
    mean += one.mean_difference / static_cast<double>(parity.size());
    psnr = std::min(psnr, one.psnr_db);
    result.parity.push_back(one);
  }
  result.mean_diff_percent = 100 * mean;
  result.precision_psnr_db = psnr;
}

/// Writes all under temporary names, verifies each, and gives them their names.
void write_verified(std::vector<ExportResult>& results, const nn::LoadedNet& loaded, const ExportOptions& options) {
  const Graph graph = to_graph(loaded.net);
  const std::vector<ParityCase> trained = make_cases(loaded.net, options.static_hw);
  std::map<Precision, std::vector<ParityCase>> cases{{Precision::fp32, trained}};

  const torch::NoGradGuard no_grad;
  Calibration calibration;
  std::vector<StagedFile> staged;
  staged.reserve(2 * results.size());
  for (ExportResult& result : results) {
    const bool exact = result.precision != Precision::int8_static;
    if (!exact && calibration.cases.empty())
      calibration = calibrate_on(options.calibration, loaded.net, graph, options);
    if (exact && !cases.contains(result.precision))
      cases[result.precision] = make_cases(rounded_net(loaded.net, result.precision), options.static_hw);
    if (exact) result.precision_psnr_db = psnr_between(cases[result.precision], trained);
    const std::string bytes = serialise(loaded, graph, result, options, calibration.ranges);
    const StagedFile& file = staged.emplace_back(result.file);
    file.write(bytes);
    const LoadedFile reloaded = load_file(file.temporary_path());
    result.bytes = bytes.size();
    result.sha256 = sha256_hex(bytes);
    for (const Runtime& runtime : reloaded.runtimes) {
      if (exact)
        for (const Parity& parity : measure_parity(runtime, cases[result.precision])) result.parity.push_back(parity);
      else
        measure_loss(result, runtime, calibration.cases);
    }
    if (!exact && !cases.contains(result.precision))  // what other runtimes should come near to
      for (const ParityCase& one : trained)
        cases[result.precision].push_back({one.picture, reloaded.runtimes.front().run(one.picture)});
    check_within(result, options);
    staged.emplace_back(result.manifest).write(manifest(loaded, result, options, reloaded.runtimes).dump(2) + "\n");
  }
  for (StagedFile& file : staged) file.commit();
  if (options.references.empty()) return;
  std::vector<Reference> references;
  for (const ExportResult& result : results)
    if (is_onnx(result.format))
      references.push_back({.model = result.file.filename().string(),
                            .io = io_of(result.format),
                            .tolerance = options.tolerance,
                            .min_psnr_db = result.mean_diff_percent ? kStaticMinPsnrDb : 0.0,
                            .cases = cases[result.precision]});
  write_references(options.references, references);
}

template <class Enum>
Enum enum_from(const std::vector<std::string>& names, std::string_view name, const char* what) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) throw UsageError("export {} '{}': expected {}", what, name, fmt::join(names, ", "));
  return static_cast<Enum>(found - names.begin());
}

}  // namespace

const std::vector<std::string>& export_format_names() {
  static const std::vector<std::string> names{"pt", "ptl", "onnx", "u8.onnx", "rgba.onnx", "safetensors"};
  return names;
}
const std::vector<std::string>& precision_names() {
  static const std::vector<std::string> names{"fp32", "fp16", "int8", "int8-static"};
  return names;
}
const std::vector<std::string>& lowering_names() {
  static const std::vector<std::string> names{"none", "cpu", "xnnpack"};
  return names;
}
std::string to_string(ExportFormat format) {
  return export_format_names()[static_cast<std::size_t>(format)];
}
std::string to_string(Precision precision) {
  return precision_names()[static_cast<std::size_t>(precision)];
}
std::string to_string(Lowering lowering) {
  return lowering_names()[static_cast<std::size_t>(lowering)];
}
ExportFormat format_from_string(std::string_view name) {
  return enum_from<ExportFormat>(export_format_names(), name, "format");
}
Precision precision_from_string(std::string_view name) {
  return enum_from<Precision>(precision_names(), name, "precision");
}
Lowering lowering_from_string(std::string_view name) {
  return enum_from<Lowering>(lowering_names(), name, "lowering");
}

double ExportResult::max_difference() const {
  double largest = 0;
  for (const Parity& p : parity) largest = std::max(largest, p.max_difference);
  return largest;
}

std::vector<ExportResult> export_net(const nn::LoadedNet& loaded, const fs::path& folder, const std::string& name,
                                     const ExportOptions& options) {
  check_options(name, loaded.net->architecture, options);
  std::vector<ExportResult> results = plan(folder, name, options);
  remove_leftovers(folder);
  std::error_code ignored;
  const bool new_folder = !fs::exists(folder, ignored);
  try {
    write_verified(results, loaded, options);
  } catch (...) {
    if (new_folder) fs::remove(folder, ignored);  // only if empty
    throw;
  }
  return results;
}

}  // namespace pocketstyle::exporting
