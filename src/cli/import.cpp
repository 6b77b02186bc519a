// SPDX-License-Identifier: Apache-2.0
#include "cli/commands.h"
#include "cli/options.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/workflows/models.h"

#include <iostream>
#include <memory>
#include <string>

namespace pocketstyle::cli {
namespace {

struct ImportArguments {
  std::string input, output;
  bool force = false;
};

void run_import(const ImportArguments& arguments) {
  const auto imported = workflows::import_model(arguments.input, arguments.output, arguments.force);
  for (const std::string& note : imported.notes) std::cout << note << "\n";
  std::cout << config::describe(imported.architecture) << ": " << arguments.output << "\n";
}

}  // namespace

void add_import(CLI::App& app) {
  auto arguments = std::make_shared<ImportArguments>();
  CLI::App* command = app.add_subcommand(
      "import", "Import a network trained with PyTorch's fast_neural_style example, from safetensors");
  command->add_option("input", arguments->input, "State dict as .safetensors")->required();
  command->add_option("-o,--output", arguments->output, "Weights file to write, .safetensors")
      ->check(not_standard_output())
      ->required();
  command->add_flag("--force", arguments->force, "Overwrite an existing file");
  command->footer(
      "The result works like any network trained by pocketstyle.\n"
      "Examples:\n"
      "  pocketstyle import mosaic.safetensors -o mosaic_net.safetensors\n"
      "  pocketstyle export mosaic_net.safetensors -o out --name mosaic");
  command->callback([arguments] { run_import(*arguments); });
}

}  // namespace pocketstyle::cli
