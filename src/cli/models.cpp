// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/workflows/models.h"

#include "cli/commands.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"

#include <iostream>

namespace pocketstyle::cli {
namespace {

void run_models() {
  const auto models = workflows::shipped_summaries();
  if (models.empty()) {
    std::cout << "this build has no shipped models\n";
    return;
  }
  std::cout << fmt::format("{:<26}  {:>10}  {:>9}  trained\n", "name", "parameters", "size");
  for (const workflows::ShippedSummary& model : models)
    std::cout << fmt::format("{:<26}  {:>10}  {:>9}  {} steps, batch {}, crop {}\n", model.name,
                             with_commas(model.parameters), human_bytes(static_cast<double>(model.bytes)),
                             with_commas(model.steps), model.batch, model.crop);
  std::cout << "\nUse one: pocketstyle stylize --model NAME photo.jpg -o styled.jpg\n";
}

}  // namespace

void add_models(CLI::App& app) {
  CLI::App* command = app.add_subcommand("models", "List the shipped trained models");
  command->footer("Each is a weights file, which export, report and evaluate also accept.");
  command->callback(run_models);
}

}  // namespace pocketstyle::cli
