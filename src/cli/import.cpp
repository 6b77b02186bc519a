// SPDX-License-Identifier: Apache-2.0
#include "cli/commands.h"

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
  CLI::App* command =
      app.add_subcommand("import", "Bring a network trained with PyTorch's fast_neural_style example, as safetensors");
  command->add_option("input", arguments->input, "Its state dict as .safetensors")->required();
  command->add_option("-o,--output", arguments->output, "The weights file to write, .safetensors")->required();
  command->add_flag("--force", arguments->force, "Replace a file that is there");
  command->footer(
      "The result stylizes, exports and reports as a network trained here.\n"
      "Examples:\n"
      "  pocketstyle import mosaic.safetensors -o mosaic_net.safetensors\n"
      "  pocketstyle export mosaic_net.safetensors -o out --name mosaic");
  command->callback([arguments] { run_import(*arguments); });
}

}  // namespace pocketstyle::cli
