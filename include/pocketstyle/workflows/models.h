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
/// A run folder, weights or a checkpoint by export_net(). `name`: empty is model_name()'s.
ExportedModel export_model(const std::filesystem::path& model, const std::filesystem::path& folder,
                           const std::string& name, const exporting::ExportOptions& options);

struct ImportedModel {
  config::Architecture architecture;
  std::vector<std::string> notes;  ///< of import_net()
};
/// Reads a network by import_net() and writes it as a weights file. Throws UsageError if `output` is there and `force`
/// is not set.
ImportedModel import_model(const std::filesystem::path& input, const std::filesystem::path& output, bool force);

/// A model that the product ships.
struct ShippedSummary {
  std::string name;
  std::int64_t parameters = 0;
  std::uint64_t bytes = 0;                      ///< of its file
  std::int64_t steps = 0, batch = 0, crop = 0;  ///< that it was trained with; 0: its file does not say
};
/// Sorted by name. Throws DataError if a file is no style network.
std::vector<ShippedSummary> shipped_summaries();

}  // namespace pocketstyle::workflows
