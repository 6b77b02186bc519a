// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/export/export.h"
#include "pocketstyle/export/runtime.h"

#include <nlohmann/json.hpp>

#include <span>
#include <string>

namespace pocketstyle::exporting {

/// How a format is spelled: as asked for, or its default.
Lowering lowering_of(const ExportOptions& options, ExportFormat format);

/// What every exported file and its manifest say of the network and of the pictures that it takes.
nlohmann::ordered_json about(const nn::LoadedNet& loaded, ExportFormat format, Precision precision,
                             const ExportOptions& options);

/// FILE.json of a verified file.
std::string manifest(const nn::LoadedNet& loaded, const ExportResult& result, const ExportOptions& options,
                     std::span<const Runtime> runtimes);

}  // namespace pocketstyle::exporting
