// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "export/onnx.h"

#include <string>

namespace pocketstyle::exporting {

/// The bytes of a file of that format and precision. `ranges`: of int8_static, else not looked at.
std::string serialise(const nn::LoadedNet& loaded, const Graph& graph, const ExportResult& result,
                      const ExportOptions& options, const Ranges& ranges);

}  // namespace pocketstyle::exporting
