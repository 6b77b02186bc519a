// SPDX-License-Identifier: Apache-2.0
#include "cli/commands.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"
#include "pocketstyle/nn/weights.h"
#include "pocketstyle/nn/zoo.h"

#include <nlohmann/json.hpp>

#include <iostream>

namespace pocketstyle::cli {
namespace {

std::int64_t parameter_count(const nn::StyleNet& net) {
  std::int64_t count = 0;
  for (const auto& parameter : net->parameters()) count += parameter.numel();
  return count;
}

void run_models() {
  const auto models = nn::zoo_models();
  if (models.empty()) {
    std::cout << "no models are shipped with this build\n";
    return;
  }
  std::cout << fmt::format("{:<26}  {:>10}  {:>8}  trained\n", "name", "parameters", "size");
  for (const nn::ZooModel& model : models) {
    const nn::LoadedNet loaded = nn::load_net(model.path);
    const auto run = loaded.metadata.find(nn::kProvenanceKey);
    const auto json =
        run == loaded.metadata.end() ? nlohmann::json::object() : nlohmann::json::parse(run->second, nullptr, false);
    std::cout << fmt::format("{:<26}  {:>10}  {:>8}  {} steps, batch {}, crop {}\n", model.name(),
                             with_commas(parameter_count(loaded.net)),
                             human_bytes(static_cast<double>(std::filesystem::file_size(model.path))),
                             with_commas(json.value("steps", 0)), json.value("batch", 0), json.value("crop", 0));
  }
  std::cout << "\nUse one: pocketstyle stylize --model NAME photo.jpg -o styled.jpg\n";
}

}  // namespace

void add_models(CLI::App& app) {
  CLI::App* command = app.add_subcommand("models", "The trained models that are shipped");
  command->footer("Each is a weights file, which export, report, evaluate and compress take too.");
  command->callback(run_models);
}

}  // namespace pocketstyle::cli
