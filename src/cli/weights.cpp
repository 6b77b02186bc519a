// SPDX-License-Identifier: Apache-2.0
#include "cli/commands.h"
#include "cli/options.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/export/import_vgg.h"
#include "pocketstyle/workflows/threads.h"

#include <algorithm>
#include <array>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

namespace pocketstyle::cli {
namespace {

struct WeightsArguments {
  std::string input, output;
  std::string channels = "rgb";
  double range = exporting::VggConvention{}.range;
  std::vector<double> mean, std;
  bool no_verify = false;
  bool force = false;
};

std::array<double, 3> three(const std::vector<double>& values, const char* option) {
  if (values.size() != 3) throw UsageError("{}: expected three numbers r,g,b, found {}", option, values.size());
  return {values[0], values[1], values[2]};
}

exporting::VggConvention convention(const WeightsArguments& arguments) {
  exporting::VggConvention convention;
  convention.bgr = arguments.channels == "bgr";
  convention.range = arguments.range;
  for (double& mean : convention.mean_rgb) mean *= arguments.range / 255;
  if (!arguments.mean.empty()) convention.mean_rgb = three(arguments.mean, "--mean");
  if (!arguments.std.empty()) convention.std_rgb = three(arguments.std, "--std");
  return convention;
}

void run_weights_import(const WeightsArguments& arguments) {
  workflows::set_default_threads();
  const exporting::VggImport result = exporting::import_vgg(
      arguments.input, arguments.output,
      {.convention = convention(arguments), .verify = !arguments.no_verify, .force = arguments.force});
  for (const std::string& note : result.notes) std::cout << note << "\n";
  std::cout << "difference of each tap's mean from the reference VGG-16:";
  for (std::size_t i = 0; i < result.tap_difference.size(); ++i)
    std::cout << fmt::format(" {} {:.1e}", nn::kVggTapNames[i], result.tap_difference[i]);
  std::cout << "\nweights: " << arguments.output << " (loss.vgg in a configuration)\n";
}

}  // namespace

void add_weights(CLI::App& app) {
  CLI::App* weights = app.add_subcommand("weights", "VGG-16 weights for the loss");
  weights->require_subcommand(1);
  const std::string examples =
      "Examples:\n"
      "  pocketstyle weights import vgg16_caffe.safetensors -o vgg.safetensors --channels bgr\n"
      "  pocketstyle weights import vgg16_torchvision.safetensors -o vgg.safetensors --range 1 \\\n"
      "      --mean 0.485,0.456,0.406 --std 0.229,0.224,0.225 --no-verify";
  weights->footer(examples);
  auto arguments = std::make_shared<WeightsArguments>();
  CLI::App* command =
      weights->add_subcommand("import", "Convert VGG-16 from safetensors or ONNX to the format that the loss reads");
  command->add_option("input", arguments->input, ".safetensors (torchvision's or Caffe's names) or .onnx")->required();
  command->add_option("-o,--output", arguments->output, "Output file, .safetensors")
      ->check(not_standard_output())
      ->required();
  command->add_option("--channels", arguments->channels, "Channel order that the file expects")
      ->check(CLI::IsMember({"rgb", "bgr"}))
      ->capture_default_str();
  command->add_option("--range", arguments->range, "Pixel range that the file expects: 255 or 1")
      ->capture_default_str();
  command->add_option("--mean", arguments->mean, "Mean to subtract, in that range, as r,g,b; default: Caffe's")
      ->delimiter(',')
      ->expected(3);
  command->add_option("--std", arguments->std, "Standard deviation to divide by, as r,g,b; default: 1,1,1")
      ->delimiter(',')
      ->expected(3);
  command->add_flag("--no-verify", arguments->no_verify,
                    "Accept weights whose features differ from the reference VGG-16");
  command->add_flag("--force", arguments->force, "Overwrite an existing file");
  command->footer(examples);
  command->callback([arguments] { run_weights_import(*arguments); });
}

}  // namespace pocketstyle::cli
