// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/export/export.h"

#include "cli/commands.h"
#include "cli/options.h"
#include "cli/output.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"
#include "pocketstyle/workflows/models.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <iostream>
#include <limits>
#include <memory>
#include <string>
#include <vector>

namespace pocketstyle::cli {
namespace {

struct ExportArguments {
  std::string model, folder, name;
  std::vector<std::string> formats{"all"}, precisions{"fp32"};
  std::string lowering, static_size;
  exporting::ExportOptions options;
  std::string pad = "reflect", results;
};

/// Names as enum values; "all" means every value.
template <class Enum>
std::vector<Enum> parse(const std::vector<std::string>& given, const std::vector<Enum>& all,
                        Enum (*from_string)(std::string_view)) {
  std::vector<Enum> values;
  for (const std::string& name : given) {
    if (name == "all") return all;
    values.push_back(from_string(name));
  }
  return values;
}

void print(const std::vector<exporting::ExportResult>& results) {
  std::size_t width = std::string("file").size();
  for (const auto& result : results) width = std::max(width, result.file.string().size());
  std::cout << fmt::format("{:<{}}  {:>10}  {:>14}  {:>14}  {}\n", "file", width, "size", "max difference",
                           "precision PSNR", "run in");
  for (const auto& result : results) {
    std::vector<std::string> runtimes;
    for (const auto& parity : result.parity)
      if (runtimes.empty() || runtimes.back() != parity.runtime) runtimes.push_back(parity.runtime);
    const std::string psnr =
        std::isfinite(result.precision_psnr_db) ? fmt::format("{:.1f} dB", result.precision_psnr_db) : "exact";
    if (!result.written()) runtimes = {"NOT WRITTEN"};
    if (result.mean_diff_percent) runtimes.push_back(fmt::format("loss {:.2f}%", *result.mean_diff_percent));
    std::cout << fmt::format("{:<{}}  {:>10}  {:>14.2e}  {:>14}  {}\n", result.file.string(), width,
                             human_bytes(static_cast<double>(result.bytes)), result.max_difference(), psnr,
                             fmt::join(runtimes, ", "));
  }
}

/// ", allowed 1.0e-04 to 3.5e-04, where bytes come out half a level more"; empty if no file has a tolerance.
std::string allowed_text(const std::vector<exporting::ExportResult>& results) {
  double least = std::numeric_limits<double>::infinity(), most = 0;
  for (const auto& result : results) {
    if (result.mean_diff_percent) continue;
    least = std::min(least, result.tolerance);
    most = std::max(most, result.tolerance);
  }
  if (most == 0) return "";
  return fmt::format(", tolerance {:.1e}{}, plus half a level for byte output", least,
                     most > least ? fmt::format(" to {:.1e}", most) : "");
}

/// Prints a line for each file that was not written; throws VerificationError if there is one.
void report_failures(const std::vector<exporting::ExportResult>& results) {
  std::size_t failed = 0;
  std::cout.flush();
  for (const auto& result : results) {
    if (result.written()) continue;
    ++failed;
    std::cerr << fmt::format("pocketstyle: {}: not written: {}\n", result.file.string(), result.failure);
  }
  if (failed > 0) throw VerificationError("{} of {} files were not written", failed, results.size());
}

/// "  onnx         float32 [1, 3, H, W], RGB 0..1; for OpenCV, converters"
std::string formats_help() {
  std::string text;
  for (const formats::FormatSpec& spec : formats::all_formats())
    text += fmt::format("  {:<12} {}; for {}\n", spec.name, spec.takes, spec.used_by);
  std::erase(text, '`');
  return text;
}

void run_export(ExportArguments arguments) {
  exporting::ExportOptions& options = arguments.options;
  options.formats = parse(arguments.formats, formats::every_format(), formats::format_from_string);
  options.precisions = parse(arguments.precisions, {formats::kUsualPrecisions}, formats::precision_from_string);
  if (options.calibration.empty()) options.calibration = find_asset("photos/val");
  if (!arguments.lowering.empty()) options.lowering = exporting::lowering_from_string(arguments.lowering);
  if (!arguments.static_size.empty()) options.static_hw = parse_size(arguments.static_size, "--static");
  options.onnx_pad_slices = arguments.pad == "slice";
  const auto exported = workflows::export_model(arguments.model, arguments.folder, arguments.name, options);
  print(exported.files);
  std::cout << fmt::format(
      "{}. Each file was reloaded and compared with the stored network in double precision: values 0..1{}. "
      "Precision PSNR: stored weights compared with trained ones.\n",
      config::describe(exported.architecture), allowed_text(exported.files));
  if (!arguments.results.empty()) write_file_atomically(arguments.results, exporting::to_json(exported.files));
  report_failures(exported.files);
}

}  // namespace

void add_export(CLI::App& app) {
  auto arguments = std::make_shared<ExportArguments>();
  exporting::ExportOptions& options = arguments->options;
  CLI::App* command = app.add_subcommand("export", "Export a trained network to files that applications can load");
  command->add_option("model", arguments->model, "Run folder, weights or checkpoint")->required();
  command->add_option("-o,--output", arguments->folder, "Output folder; created if missing")
      ->check(not_standard_output())
      ->required();
  command->add_option("--name", arguments->name, "File name without extension; default: that of the run or weights");
  add_list(*command, "--format", arguments->formats,
           fmt::format("{}, or all; separated by commas", fmt::join(formats::format_names(), ", ")));
  add_list(*command, "--precision", arguments->precisions,
           fmt::format("Precision of stored weights: {}, or all (except int8-static); separated by commas",
                       fmt::join(formats::precision_names(), ", ")));
  command->add_option("--calibrate", options.calibration,
                      "Folder of photos to calibrate and check int8-static with (8-bit activations, ONNX only, "
                      "experimental); default: the shipped photos");
  command
      ->add_option("--max-mean-diff", options.max_mean_diff_percent,
                   "Maximum mean difference of int8-static's output, in percent of the range")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  command->add_option("--lowering", arguments->lowering,
                      fmt::format("Operators for pt and ptl: {}; default: xnnpack for ptl, none for pt",
                                  fmt::join(exporting::lowering_names(), ", ")));
  command
      ->add_option("--bytecode", options.bytecode,
                   fmt::format("Bytecode version of ptl files, {} to {}: older runtimes need older versions",
                               exporting::kOldestBytecode, exporting::kNewestBytecode))
      ->capture_default_str();
  command->add_option(
      "--static", arguments->static_size,
      "Fixed picture size HxW for ONNX and tflite: accelerators need it, phones' GPUs too; default: any size");
  command
      ->add_option("--onnx-pad", arguments->pad,
                   "Padding operators of ONNX files: reflect, or slice for CoreML and NNAPI")
      ->check(CLI::IsMember({"reflect", "slice"}))
      ->capture_default_str();
  command->add_option(
      "--tolerance", options.tolerance,
      fmt::format("Maximum difference from the stored network at any pixel, for values in 0..1; default: "
                  "{:g} times the network's own float32 error, limited to {:g} to {:g}",
                  exporting::kToleranceFactor, exporting::kLeastTolerance, exporting::kMostTolerance));
  command->add_option("--references", options.references,
                      "Folder for input and output tensors, to test the ONNX and tflite files in another runtime");
  command->add_option("--results", arguments->results, "Write the result for each file to this JSON file");
  command->add_flag("--force", options.force, "Overwrite existing files");
  command->footer(
      "Formats with their input and output:\n" + formats_help() +
      "Each file has a manifest, FILE.json: hash, sizes, input, accuracy. Files that differ too much from the network\n"
      "are not written, the others are; the exit code is then 4.\n"
      "Examples:\n"
      "  pocketstyle export runs/wave -o out\n"
      "  pocketstyle export runs/wave -o out --precision all --name wave\n"
      "  pocketstyle export runs/wave -o out --format rgba.onnx --precision int8\n"
      "  pocketstyle export runs/wave -o out --format onnx --static 512x512 --onnx-pad slice\n"
      "  pocketstyle export runs/wave -o out --format tflite --static 512x512 --precision fp16\n"
      "  pocketstyle export runs/wave -o out --format ptl --bytecode 5 --force");
  command->callback([arguments] { run_export(*arguments); });
}

}  // namespace pocketstyle::cli
