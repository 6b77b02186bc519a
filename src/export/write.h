// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "export/onnx.h"

#include <string>

namespace pocketstyle::exporting {

/// The content of a file of that format and precision. `ranges`: for int8_static only.
std::string serialise(const nn::LoadedNet& loaded, const Graph& graph, const ExportResult& result,
                      const ExportOptions& options, const Ranges& ranges);

}  // namespace pocketstyle::exporting
