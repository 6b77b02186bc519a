// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/export/export.h"

#include "export/manifest.h"
#include "export/references.h"
#include "export/staged_file.h"
#include "export/verify.h"
#include "export/write.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"
#include "pocketstyle/export/unverified.h"
#include "pocketstyle/formats/file_name.h"
#include "pocketstyle/network/layers.h"
#include "pocketstyle/nn/weights.h"

#include <algorithm>
#include <cmath>

namespace pocketstyle::exporting {
namespace fs = std::filesystem;
namespace {

// Runtimes round halves differently when converting to 8 bits, and instance norms spread the difference.
constexpr double kStaticMinPsnrDb = 35;

void check_options(const std::string& name, const config::Architecture& architecture, const ExportOptions& options) {
  if (name.empty() || name == "." || name == ".." || name.find('/') != std::string::npos)
    throw UsageError("export name '{}': expected a file name without folder and extension", name);
  if (options.tolerance && (!(*options.tolerance > 0) || !std::isfinite(*options.tolerance)))
    throw UsageError("export tolerance: expected a number above 0, found {}", *options.tolerance);
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

/// The files to write, without duplicates, in the order of the enums.
std::vector<ExportResult> plan(const fs::path& folder, const std::string& name, const ExportOptions& options) {
  std::vector<ExportResult> results;
  const auto contains = [](const auto& all, auto one) { return std::find(all.begin(), all.end(), one) != all.end(); };
  for (const Precision precision : formats::kPrecisions)
    for (const formats::FormatSpec& spec : formats::all_formats()) {
      if (!contains(options.formats, spec.format) || !contains(options.precisions, precision)) continue;
      if (!spec.precisions.contains(precision)) continue;
      ExportResult result;
      result.format = spec.format;
      result.precision = precision;
      result.file = folder / formats::file_name(name, spec.format, precision);
      result.manifest = result.file.string() + ".json";
      check_can_write(result.file, options.force);
      check_can_write(result.manifest, options.force);
      results.push_back(std::move(result));
    }
  if (results.empty()) throw UsageError("export: safetensors files are written in fp32 only, int8-static in ONNX only");
  return results;
}

/// Input and output pictures of the ONNX and LiteRT files, for testing them elsewhere.
void write_references_of(const std::vector<ExportResult>& results, const Verifier& verifier, const fs::path& folder) {
  std::vector<Reference> references;
  for (const ExportResult& result : results) {
    const formats::FormatSpec& spec = formats::spec_of(result.format);
    const bool tflite = spec.container == formats::Container::tflite;
    if (result.written() && (tflite || spec.container == formats::Container::onnx))
      references.push_back({.model = result.file.filename().string(),
                            .io = spec.io,
                            .has_batch = tflite,
                            .tolerance = result.tolerance,
                            .min_psnr_db = result.mean_diff_percent ? kStaticMinPsnrDb : 0.0,
                            .cases = verifier.cases(result)});
  }
  write_references(folder, references);
}

/// Writes all files under temporary names, verifies each, and renames those that passed.
void write_verified(std::vector<ExportResult>& results, const nn::LoadedNet& loaded, const ExportOptions& options) {
  const Graph graph = to_graph(loaded.net);
  const torch::NoGradGuard no_grad;
  Verifier verifier(loaded.net, graph, options);
  std::vector<StagedFile> passed;
  for (ExportResult& result : results) {
    const std::string bytes = serialise(loaded, graph, result, options, verifier.ranges(result.precision));
    StagedFile file(result.file);
    file.write(bytes);
    const LoadedFile reloaded = load_file(file.temporary_path());
    result.bytes = bytes.size();
    result.sha256 = sha256_hex(bytes);
    verifier.verify(result, reloaded.runtimes);
    if (!result.written()) continue;
    passed.push_back(std::move(file));
    passed.emplace_back(result.manifest).write(manifest(loaded, result, options, reloaded.runtimes));
  }
  for (StagedFile& file : passed) file.commit();
  if (!options.references.empty()) write_references_of(results, verifier, options.references);
}

}  // namespace

const std::vector<std::string>& lowering_names() {
  static const std::vector<std::string> names{"none", "cpu", "xnnpack"};
  return names;
}
std::string to_string(Lowering lowering) {
  return lowering_names()[static_cast<std::size_t>(lowering)];
}
Lowering lowering_from_string(std::string_view name) {
  const auto found = std::find(lowering_names().begin(), lowering_names().end(), name);
  if (found == lowering_names().end())
    throw UsageError("export lowering '{}': expected {}", name, fmt::join(lowering_names(), ", "));
  return static_cast<Lowering>(found - lowering_names().begin());
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
  const auto remove_if_empty = [&] {
    if (new_folder) fs::remove(folder, ignored);
  };
  try {
    write_verified(results, loaded, options);
  } catch (...) {
    remove_if_empty();
    throw;
  }
  remove_if_empty();
  return results;
}

ExportResult export_unverified(const nn::LoadedNet& loaded, const fs::path& folder, const std::string& name,
                               ExportFormat format, Precision precision) {
  ExportOptions options;
  options.formats = {format};
  options.precisions = {precision};
  options.force = true;
  check_options(name, loaded.net->architecture, options);
  ExportResult result = std::move(plan(folder, name, options).front());
  const torch::NoGradGuard no_grad;
  const std::string bytes = serialise(loaded, to_graph(loaded.net), result, options, {});
  write_file_atomically(result.file, bytes);
  result.bytes = bytes.size();
  result.sha256 = sha256_hex(bytes);
  return result;
}

std::vector<ExportResult> export_all(const nn::LoadedNet& loaded, const fs::path& folder, const std::string& name,
                                     const ExportOptions& options) {
  auto results = export_net(loaded, folder, name, options);
  for (const ExportResult& result : results)
    if (!result.written()) throw VerificationError("{}: not written: {}", result.file.string(), result.failure);
  return results;
}

}  // namespace pocketstyle::exporting
