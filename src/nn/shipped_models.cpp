// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/nn/shipped_models.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"
#include "pocketstyle/core/nearest_name.h"

#include <algorithm>
#include <array>

namespace pocketstyle::nn {
namespace fs = std::filesystem;
namespace {

constexpr const char* kBaseFolder = "base";

}  // namespace

std::vector<ShippedModel> shipped_models() {
  constexpr std::array<std::string_view, 1> kExtension = {".safetensors"};
  const fs::path folder = find_models_folder();
  std::vector<ShippedModel> models;
  if (folder.empty()) return models;
  for (const fs::path& path : list_files(folder, kExtension))
    if (path.parent_path() != folder / kBaseFolder)
      models.push_back({path.parent_path().filename().string(), path.stem().string(), path});
  return models;
}

fs::path find_base_net(const config::Architecture& architecture) {
  const fs::path folder = find_models_folder();
  if (folder.empty()) return {};
  const fs::path file = folder / kBaseFolder / (config::preset_name(architecture) + ".safetensors");
  std::error_code error;
  return fs::exists(file, error) ? file : fs::path();
}

fs::path find_model(const std::string& name) {
  const std::string wanted =
      name.find('/') == std::string::npos ? fmt::format("{}/{}", name, kDefaultShippedPreset) : name;
  std::vector<std::string> styles, names;
  for (const ShippedModel& model : shipped_models()) {
    if (model.name() == wanted) return model.path;
    if (styles.empty() || styles.back() != model.style) styles.push_back(model.style);
    names.push_back(model.name());
  }
  std::error_code error;
  if (fs::exists(name, error)) return name;
  const std::string nearest = nearest_name(name, name.find('/') == std::string::npos ? styles : names);
  throw DataError("{}: no shipped model has that name, and no file; {}", name,
                  !nearest.empty() ? "did you mean " + nearest + "?"
                                   : fmt::format("shipped styles: {}",
                                                 styles.empty() ? "none" : fmt::format("{}", fmt::join(styles, ", "))));
}

}  // namespace pocketstyle::nn
