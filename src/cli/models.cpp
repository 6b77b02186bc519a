// SPDX-License-Identifier: Apache-2.0
#include "cli/commands.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"
#include "pocketstyle/export/describe.h"
#include "pocketstyle/network/layer_table.h"
#include "pocketstyle/nn/shipped_models.h"
#include "pocketstyle/nn/weights.h"
#include "pocketstyle/run/metadata.h"

#include <nlohmann/json.hpp>

#include <iostream>

namespace pocketstyle::cli {
namespace {

void run_models() {
  const auto models = nn::shipped_models();
  if (models.empty()) {
    std::cout << "no models are shipped with this build\n";
    return;
  }
  std::cout << fmt::format("{:<26}  {:>10}  {:>8}  trained\n", "name", "parameters", "size");
  for (const nn::ShippedModel& model : models) {
    const exporting::FileDescription file = exporting::describe_file(model.path);
    if (!file.architecture) throw DataError("{}: is {}, not a style network", model.path.string(), file.kind);
    const auto run = file.metadata.find(run::kProvenanceKey);
    const auto json =
        run == file.metadata.end() ? nlohmann::json::object() : nlohmann::json::parse(run->second, nullptr, false);
    std::cout << fmt::format("{:<26}  {:>10}  {:>8}  {} steps, batch {}, crop {}\n", model.name(),
                             with_commas(network::totals(*file.architecture).parameters),
                             human_bytes(static_cast<double>(file.bytes)), with_commas(json.value("steps", 0)),
                             json.value("batch", 0), json.value("crop", 0));
  }
  std::cout << "\nUse one: pocketstyle stylize --model NAME photo.jpg -o styled.jpg\n";
}

}  // namespace

void add_models(CLI::App& app) {
  CLI::App* command = app.add_subcommand("models", "The trained models that are shipped");
  command->footer("Each is a weights file, which export, report and evaluate take too.");
  command->callback(run_models);
}

}  // namespace pocketstyle::cli
