// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "support/temp_dir.h"

#include "pocketstyle/export/export.h"
#include "pocketstyle/nn/weights.h"

#include <utility>
#include <vector>

namespace pocketstyle::testing {

/// A small random network in `folder`: net.safetensors, and its exports net.onnx, net.ptl and so on.
inline void save_and_export_net(const TempDir& folder, std::vector<exporting::ExportFormat> formats) {
  torch::manual_seed(6);
  nn::StyleNet net(config::Architecture{3, {4, 6, 8}, config::BlockKind::residual, 1, 0});
  nn::save_net(folder / "net.safetensors", net, {});
  exporting::export_net(nn::load_net(folder / "net.safetensors"), folder.path(), "net",
                        {.formats = std::move(formats)});
}

}  // namespace pocketstyle::testing
