// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/workflows/models.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"
#include "pocketstyle/export/describe.h"
#include "pocketstyle/export/import_net.h"
#include "pocketstyle/network/layer_table.h"
#include "pocketstyle/nn/shipped_models.h"
#include "pocketstyle/nn/weights.h"
#include "pocketstyle/run/provenance.h"
#include "pocketstyle/workflows/subjects.h"
#include "pocketstyle/workflows/threads.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace pocketstyle::workflows {

ExportedModel export_model(const std::filesystem::path& model, const std::filesystem::path& folder,
                           const std::string& name, const exporting::ExportOptions& options) {
  set_default_threads();
  const nn::LoadedNet loaded = nn::load_net(model);
  return {loaded.net->architecture,
          exporting::export_net(loaded, folder, name.empty() ? model_name(model) : name, options)};
}

ImportedModel import_model(const std::filesystem::path& input, const std::filesystem::path& output, bool force) {
  check_can_write(output, force);
  set_default_threads();
  exporting::ImportedNet imported = exporting::import_net(input);
  nn::save_net(output, imported.loaded.net, imported.loaded.metadata);
  return {imported.loaded.net->architecture, std::move(imported.notes)};
}

std::vector<ShippedSummary> shipped_summaries() {
  std::vector<ShippedSummary> summaries;
  for (const nn::ShippedModel& model : nn::shipped_models()) {
    const exporting::FileDescription file = exporting::describe_file(model.path);
    if (!file.architecture) throw DataError("{}: is {}, not a style network", model.path.string(), file.kind);
    const run::TrainedAs trained = run::trained_as(file.metadata);
    summaries.push_back({.name = model.name(),
                         .parameters = network::totals(*file.architecture).parameters,
                         .bytes = file.bytes,
                         .steps = trained.steps,
                         .batch = trained.batch,
                         .crop = trained.crop});
  }
  const auto by_style_and_size = [](const ShippedSummary& summary) {
    return std::pair(std::string_view(summary.name).substr(0, summary.name.find('/')), -summary.parameters);
  };
  std::ranges::stable_sort(summaries, {}, by_style_and_size);
  return summaries;
}

}  // namespace pocketstyle::workflows
