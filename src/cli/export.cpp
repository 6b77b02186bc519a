// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/export/export.h"

#include "cli/commands.h"
#include "cli/output.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"
#include "pocketstyle/workflows/models.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <iostream>
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
  std::string pad = "reflect";
};

/// Names as enum values; "all" is every one.
template <class Enum>
std::vector<Enum> parse(const std::vector<std::string>& given, const std::vector<std::string>& all,
                        Enum (*from_string)(std::string_view)) {
  std::vector<Enum> values;
  for (const std::string& name : given) {
    if (name == "all") {
      values.clear();
      for (const std::string& each : all) values.push_back(from_string(each));
      return values;
    }
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
    if (result.mean_diff_percent) runtimes.push_back(fmt::format("loss {:.2f}%", *result.mean_diff_percent));
    std::cout << fmt::format("{:<{}}  {:>10}  {:>14.2e}  {:>14}  {}\n", result.file.string(), width,
                             human_bytes(static_cast<double>(result.bytes)), result.max_difference(), psnr,
                             fmt::join(runtimes, ", "));
  }
}

void run_export(ExportArguments arguments) {
  exporting::ExportOptions& options = arguments.options;
  options.formats = parse(arguments.formats, exporting::export_format_names(), exporting::format_from_string);
  // "all" is what is exact; int8-static is asked for by name.
  options.precisions = parse(arguments.precisions, {"fp32", "fp16", "int8"}, exporting::precision_from_string);
  if (options.calibration.empty()) options.calibration = find_asset("photos/val");
  if (!arguments.lowering.empty()) options.lowering = exporting::lowering_from_string(arguments.lowering);
  if (!arguments.static_size.empty()) options.static_hw = parse_size(arguments.static_size, "--static");
  options.onnx_pad_slices = arguments.pad == "slice";
  const auto exported = workflows::export_model(arguments.model, arguments.folder, arguments.name, options);
  print(exported.files);
  std::cout << fmt::format(
      "{}. Each file was loaded again and compared with the network it stores, in double precision: values 0..1, "
      "allowed {:.1e}, where bytes come out half a level more. Precision PSNR: stored weights against trained ones.\n",
      config::describe(exported.architecture), options.tolerance);
}

}  // namespace

void add_export(CLI::App& app) {
  auto arguments = std::make_shared<ExportArguments>();
  exporting::ExportOptions& options = arguments->options;
  CLI::App* command = app.add_subcommand("export", "Write a trained network as files that applications load");
  const auto several = [](CLI::Option* option) {
    option->delimiter(',')->take_all()->allow_extra_args(false)->capture_default_str();
  };
  command->add_option("model", arguments->model, "Run folder, weights or checkpoint")->required();
  command->add_option("-o,--output", arguments->folder, "Folder that the files go to; made if it is not there")
      ->required();
  command->add_option("--name", arguments->name, "File name without extension; default: of the run or the weights");
  several(command->add_option(
      "--format", arguments->formats,
      fmt::format("{}, or all; several with commas", fmt::join(exporting::export_format_names(), ", "))));
  several(command->add_option("--precision", arguments->precisions,
                              fmt::format("How weights are stored: {}, or all (but int8-static); several with commas",
                                          fmt::join(exporting::precision_names(), ", "))));
  command->add_option(
      "--calibrate", options.calibration,
      "Folder of photos that int8-static (8-bit activations, ONNX only, experimental) is calibrated and "
      "measured on; default: the shipped ones");
  command
      ->add_option("--max-mean-diff", options.max_mean_diff_percent,
                   "Largest mean difference of int8-static's pictures, in percent of the range")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  command->add_option("--lowering", arguments->lowering,
                      fmt::format("How pt and ptl spell the network: {}; default: xnnpack for ptl, none for pt",
                                  fmt::join(exporting::lowering_names(), ", ")));
  command
      ->add_option("--bytecode", options.bytecode,
                   fmt::format("Version of ptl files, {} to {}: older runtimes want less", exporting::kOldestBytecode,
                               exporting::kNewestBytecode))
      ->capture_default_str();
  command->add_option("--static", arguments->static_size,
                      "ONNX for pictures of HxW only, for accelerators that want it; default: any size");
  command->add_option("--onnx-pad", arguments->pad, "reflect, or slice for CoreML and NNAPI")
      ->check(CLI::IsMember({"reflect", "slice"}))
      ->capture_default_str();
  command
      ->add_option("--tolerance", options.tolerance,
                   "Largest difference to the network that is stored at any pixel, values being 0..1")
      ->capture_default_str();
  command->add_option("--references", options.references,
                      "Folder for input and output tensors to test the ONNX files with in another runtime");
  command->add_flag("--force", options.force, "Replace files that are there");
  command->footer(
      "onnx takes float 0..1 [1,3,H,W], u8.onnx bytes [1,H,W,3], rgba.onnx bytes [H,W,4]; pt and ptl have a method "
      "for\n"
      "each: forward, run_u8, run_rgba. Beside each file stands a manifest, FILE.json: hash, sizes, what to feed, how\n"
      "exact it is.\n"
      "Examples:\n"
      "  pocketstyle export runs/wave -o out\n"
      "  pocketstyle export runs/wave -o out --precision all --name wave\n"
      "  pocketstyle export runs/wave -o out --format rgba.onnx --precision int8\n"
      "  pocketstyle export runs/wave -o out --format onnx --static 512x512 --onnx-pad slice\n"
      "  pocketstyle export runs/wave -o out --format ptl --bytecode 5 --force");
  command->callback([arguments] { run_export(*arguments); });
}

}  // namespace pocketstyle::cli
