// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/export/export.h"

#include "cli/commands.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

namespace pocketstyle::cli {
namespace {

struct ExportArguments {
  std::string model, folder, name;
  std::vector<std::string> formats{"pt", "ptl"};
  double tolerance = exporting::ExportOptions{}.tolerance;
  bool force = false;
};

/// The run's folder name, or the file's name without extension; runs/wave/final.safetensors is "wave".
std::string default_name(const std::filesystem::path& model) {
  const auto path = std::filesystem::absolute(model / "").lexically_normal().parent_path();
  if (path.filename() == nn::kFinalWeightsName) return path.parent_path().filename().string();
  return std::filesystem::is_directory(path) ? path.filename().string() : path.stem().string();
}

std::vector<exporting::ExportFormat> parse_formats(const std::vector<std::string>& names) {
  std::vector<exporting::ExportFormat> formats;
  for (const std::string& name : names) {
    if (name == "all") {
      const auto all = exporting::all_formats();
      formats.assign(all.begin(), all.end());
      return formats;
    }
    formats.push_back(exporting::format_from_string(name));
  }
  return formats;
}

void run_export(const ExportArguments& arguments) {
  const nn::LoadedNet loaded = nn::load_net(arguments.model);
  const std::string name = arguments.name.empty() ? default_name(arguments.model) : arguments.name;
  const auto results = exporting::export_net(
      loaded, arguments.folder, name,
      {.formats = parse_formats(arguments.formats), .tolerance = arguments.tolerance, .force = arguments.force});
  std::size_t width = std::string("file").size();
  for (const auto& result : results) width = std::max(width, result.file.string().size());
  std::cout << fmt::format("{:<{}}  {:>10}  {:>14}\n", "file", width, "size", "max difference");
  for (const auto& result : results)
    std::cout << fmt::format("{:<{}}  {:>10}  {:>14.2e}\n", result.file.string(), width,
                             human_bytes(static_cast<double>(result.bytes)), result.max_difference());
  std::cout << fmt::format(
      "{}; each file was loaded again and compared with the trained network at {} sizes (values 0..1, allowed "
      "{:.1e})\n",
      config::describe(loaded.net->family), results.front().parity.size(), arguments.tolerance);
}

}  // namespace

void add_export(CLI::App& app) {
  auto arguments = std::make_shared<ExportArguments>();
  CLI::App* command = app.add_subcommand("export", "Write a trained network as files that applications load");
  command->add_option("model", arguments->model, "Run folder, weights or checkpoint")
      ->required()
      ->check(CLI::ExistingPath);
  command->add_option("-o,--output", arguments->folder, "Folder that the files go to; made if it is not there")
      ->required();
  command->add_option("--name", arguments->name, "File name without extension; default: of the run or the weights");
  command->add_option("--format", arguments->formats, "pt, ptl, safetensors, or all; several with commas")
      ->delimiter(',')
      ->take_all()
      ->allow_extra_args(false)
      ->capture_default_str();
  command
      ->add_option("--tolerance", arguments->tolerance,
                   "Largest difference to the trained network at any pixel, values being 0..1")
      ->capture_default_str();
  command->add_flag("--force", arguments->force, "Replace files that are there");
  command->footer(
      "Beside each file stands a manifest, FILE.json: hash, sizes, what to feed, how exact it is.\n"
      "Examples:\n"
      "  pocketstyle export runs/wave -o out\n"
      "  pocketstyle export runs/wave/final.safetensors -o out --name wave --format all\n"
      "  pocketstyle export runs/wave -o out --format ptl --tolerance 1e-5 --force");
  command->callback([arguments] { run_export(*arguments); });
}

}  // namespace pocketstyle::cli
