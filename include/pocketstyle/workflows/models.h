// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/config/architecture.h"
#include "pocketstyle/export/export.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace pocketstyle::workflows {

struct ExportedModel {
  config::Architecture architecture;
  std::vector<exporting::ExportResult> files;
};
/// Exports a run folder, weights or a checkpoint with export_net(). `name`: if empty, that of model_name().
ExportedModel export_model(const std::filesystem::path& model, const std::filesystem::path& folder,
                           const std::string& name, const exporting::ExportOptions& options);

struct ImportedModel {
  config::Architecture architecture;
  std::vector<std::string> notes;  ///< of import_net()
};
/// Reads a network with import_net() and writes it as a weights file. Throws UsageError if `output` exists and `force`
/// is not set.
ImportedModel import_model(const std::filesystem::path& input, const std::filesystem::path& output, bool force);

/// A shipped model.
struct ShippedSummary {
  std::string name;
  std::int64_t parameters = 0;
  std::uint64_t bytes = 0;                      ///< size of its file
  std::int64_t steps = 0, batch = 0, crop = 0;  ///< training settings; 0: not in its file
};
/// Sorted by style, then the largest first. Throws DataError if a file is not a style network.
std::vector<ShippedSummary> shipped_summaries();

}  // namespace pocketstyle::workflows
