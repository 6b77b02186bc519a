// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/export/export.h"
#include "pocketstyle/export/runtime.h"

#include <nlohmann/json.hpp>

#include <span>
#include <string>

namespace pocketstyle::exporting {

/// The lowering of a format: the one asked for, or its default.
Lowering lowering_of(const ExportOptions& options, ExportFormat format);

/// Metadata of every exported file and manifest about the network and its input.
nlohmann::ordered_json about(const nn::LoadedNet& loaded, ExportFormat format, Precision precision,
                             const ExportOptions& options);

/// The content of FILE.json for a verified file.
std::string manifest(const nn::LoadedNet& loaded, const ExportResult& result, const ExportOptions& options,
                     std::span<const Runtime> runtimes);

}  // namespace pocketstyle::exporting
