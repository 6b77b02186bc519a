// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/export/export.h"

#include <filesystem>
#include <string>

namespace pocketstyle::exporting {

/// One file as export_net writes it, with the same bytes, but not compared with the network, and without a manifest: in
/// a tenth of the time. Overwrites an existing file. Throws as export_net does.
ExportResult export_unverified(const nn::LoadedNet& loaded, const std::filesystem::path& folder,
                               const std::string& name, ExportFormat format, Precision precision);

}  // namespace pocketstyle::exporting
