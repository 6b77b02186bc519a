// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/export/export.h"

#include "export/parity.h"
#include "export/staged_file.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"
#include "pocketstyle/core/version.h"
#include "pocketstyle/export/torchscript.h"

#include <nlohmann/json.hpp>
#include <torch/csrc/jit/mobile/import.h>
#include <torch/csrc/jit/mobile/module.h>
#include <torch/script.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <sstream>

namespace pocketstyle::exporting {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array kFormats = {ExportFormat::pt, ExportFormat::ptl, ExportFormat::safetensors};

/// What an application must feed and what it gets.
Json contract(const config::NetFamily& family, const char* range) {
  return {{"dtype", "float32"},
          {"layout", "NCHW"},
          {"channels", "RGB"},
          {"range", range},
          {"min_side", family.min_side()},
          {"sizes", "any height and width of min_side or more; output as large as the input"}};
}

Json versions() {
  return {{"pocketstyle", version()}, {"libtorch", TORCH_VERSION}};
}

/// What every exported file and its manifest say of the network.
Json description(const nn::LoadedNet& loaded, ExportFormat format) {
  const char* range = format == ExportFormat::safetensors ? "0..255" : "0..1";
  Json json{{nn::kFormatKey, kExportFormat},
            {nn::kFamilyKey, Json::parse(nn::family_to_json(loaded.net->family))},
            {"input", contract(loaded.net->family, range)},
            {"output", contract(loaded.net->family, range)},
            {"versions", versions()}};
  if (const auto run = loaded.metadata.find(nn::kProvenanceKey); run != loaded.metadata.end()) {
    const Json parsed = Json::parse(run->second, nullptr, /*allow_exceptions=*/false);
    json[nn::kProvenanceKey] = parsed.is_discarded() ? Json(run->second) : parsed;
  }
  return json;
}

std::string serialise(const nn::LoadedNet& loaded, ExportFormat format) {
  if (format == ExportFormat::safetensors) {
    nn::TensorFile file;
    nn::put_net(file, loaded.net);
    file.metadata[nn::kFormatKey] = nn::kWeightsFormat;
    if (const auto run = loaded.metadata.find(nn::kProvenanceKey); run != loaded.metadata.end())
      file.metadata[nn::kProvenanceKey] = run->second;
    return nn::to_safetensors(file);
  }
  const torch::jit::ExtraFilesMap extra{{kExtraFileName, description(loaded, format).dump(1)}};
  const torch::jit::Module module = to_torchscript(loaded.net);
  std::ostringstream out;
  if (format == ExportFormat::pt)
    module.save(out, extra);
  else
    module._save_for_mobile(out, extra);
  return std::move(out).str();
}

/// A file that was just written, loaded by the runtime that it is for.
struct Reloaded {
  std::string runtime;
  Runner runner;
  std::optional<std::int64_t> bytecode;  ///< its version, Lite files only
};

Reloaded reload(const fs::path& path, ExportFormat format) {
  if (format == ExportFormat::safetensors)
    return {.runtime = "pocketstyle", .runner = eager_runner(nn::load_net(path).net), .bytecode = {}};
  if (format == ExportFormat::pt) {
    auto module = torch::jit::load(path.string(), torch::Device(torch::kCPU));
    return {.runtime = "torchscript",
            .runner = [module](const torch::Tensor& x) mutable { return module.forward({x}).toTensor(); },
            .bytecode = {}};
  }
  auto module = torch::jit::_load_for_mobile(path.string(), torch::Device(torch::kCPU));
  return {.runtime = "lite",
          .runner = [module](const torch::Tensor& x) mutable { return module.forward({x}).toTensor(); },
          .bytecode = module.bytecode_version()};
}

Json manifest(const nn::LoadedNet& loaded, const ExportResult& result, const ExportOptions& options,
              const Reloaded& reloaded) {
  Json json{{"file", result.file.filename().string()},
            {"kind", to_string(result.format)},
            {"bytes", result.bytes},
            {"sha256", result.sha256}};
  json.update(description(loaded, result.format));
  if (reloaded.bytecode) json["versions"]["bytecode"] = *reloaded.bytecode;
  json["tolerance"] = options.tolerance;
  for (const Parity& p : result.parity)
    json["parity"].push_back({{"runtime", p.runtime},
                              {"height", p.height},
                              {"width", p.width},
                              {"pictures", p.pictures},
                              {"max_difference", p.max_difference},
                              {"mean_difference", p.mean_difference}});
  return json;
}

void check_options(const std::string& name, const ExportOptions& options) {
  if (name.empty() || name == "." || name == ".." || name.find('/') != std::string::npos)
    throw UsageError("export name '{}': expected a file name without folder and extension", name);
  if (!(options.tolerance > 0) || !std::isfinite(options.tolerance))
    throw UsageError("export tolerance: expected a number above 0, found {}", options.tolerance);
  if (options.formats.empty()) throw UsageError("export: expected at least one format");
}

void check_absent(const fs::path& path, bool force) {
  std::error_code error;
  if (!force && fs::exists(path, error))
    throw UsageError("{}: is there already; use --force to replace it", path.string());
}

void check_within(const ExportResult& result, double tolerance) {
  for (const Parity& p : result.parity)
    if (!(p.max_difference <= tolerance))
      throw VerificationError(
          "{}: at {}x{} the {} runtime differs from the trained network by {:.3g}, allowed is {:.3g}; "
          "nothing was written",
          result.file.string(), p.height, p.width, p.runtime, p.max_difference, tolerance);
}

}  // namespace

std::span<const ExportFormat> all_formats() {
  return kFormats;
}

std::string_view to_string(ExportFormat format) {
  return format == ExportFormat::pt ? "pt" : format == ExportFormat::ptl ? "ptl" : "safetensors";
}

ExportFormat format_from_string(std::string_view name) {
  for (const ExportFormat format : kFormats)
    if (name == to_string(format)) return format;
  throw UsageError("export format '{}': expected pt, ptl, safetensors or all", name);
}

double ExportResult::max_difference() const {
  double largest = 0;
  for (const Parity& p : parity) largest = std::max(largest, p.max_difference);
  return largest;
}

std::vector<ExportResult> export_net(const nn::LoadedNet& loaded, const fs::path& folder, const std::string& name,
                                     const ExportOptions& options) {
  check_options(name, options);
  std::vector<ExportResult> results;
  for (const ExportFormat format : kFormats) {
    if (std::find(options.formats.begin(), options.formats.end(), format) == options.formats.end()) continue;
    ExportResult result;
    result.format = format;
    result.file = folder / fmt::format("{}.{}", name, to_string(format));
    result.manifest = result.file.string() + ".json";
    check_absent(result.file, options.force);
    check_absent(result.manifest, options.force);
    results.push_back(std::move(result));
  }

  std::vector<StagedFile> staged;
  staged.reserve(2 * results.size());
  const Runner reference = eager_runner(loaded.net);
  for (ExportResult& result : results) {
    const std::string bytes = serialise(loaded, result.format);
    const StagedFile& file = staged.emplace_back(result.file);
    file.write(bytes);
    const Reloaded reloaded = reload(file.temporary_path(), result.format);
    result.bytes = bytes.size();
    result.sha256 = sha256_hex(bytes);
    result.parity = measure_parity(reloaded.runtime, reloaded.runner, reference);
    check_within(result, options.tolerance);
    staged.emplace_back(result.manifest).write(manifest(loaded, result, options, reloaded).dump(2) + "\n");
  }
  for (StagedFile& file : staged) file.commit();
  return results;
}

}  // namespace pocketstyle::exporting
