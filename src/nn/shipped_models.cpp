// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/nn/shipped_models.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"

#include <algorithm>
#include <array>

namespace pocketstyle::nn {
namespace fs = std::filesystem;

std::vector<ShippedModel> shipped_models() {
  constexpr std::array<std::string_view, 1> kExtension = {".safetensors"};
  const fs::path folder = find_models_folder();
  std::vector<ShippedModel> models;
  if (folder.empty()) return models;
  for (const fs::path& path : list_files(folder, kExtension))
    models.push_back({path.parent_path().filename().string(), path.stem().string(), path});
  return models;
}

fs::path find_shipped_model(const std::string& name) {
  const std::string wanted =
      name.find('/') == std::string::npos ? fmt::format("{}/{}", name, kDefaultShippedPreset) : name;
  std::string names;
  for (const ShippedModel& model : shipped_models()) {
    if (model.name() == wanted) return model.path;
    names += (names.empty() ? "" : ", ") + model.name();
  }
  throw DataError("{}: no shipped model has that name; there are {}", name, names.empty() ? "none" : names);
}

}  // namespace pocketstyle::nn
