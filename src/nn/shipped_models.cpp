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
  std::vector<std::string> styles, names, of_style;
  for (const ShippedModel& model : shipped_models()) {
    if (model.name() == wanted) return model.path;
    if (styles.empty() || styles.back() != model.style) styles.push_back(model.style);
    if (model.style == name) of_style.push_back(model.name());
    names.push_back(model.name());
  }
  std::error_code error;
  if (fs::exists(name, error)) return name;
  if (!of_style.empty())
    throw DataError("{}: has no {} network, expected one of {}", name, kDefaultShippedPreset,
                    fmt::join(of_style, ", "));
  const std::string nearest = nearest_name(name, name == wanted ? names : styles);
  if (!nearest.empty())
    throw DataError("{}: no shipped model has that name, and no file; did you mean {}?", name, nearest);
  throw DataError("{}: no shipped model has that name, and no file; shipped styles: {}", name,
                  styles.empty() ? "none" : fmt::format("{}", fmt::join(styles, ", ")));
}

}  // namespace pocketstyle::nn
