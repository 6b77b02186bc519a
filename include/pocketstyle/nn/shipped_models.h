// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/config/architecture.h"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace pocketstyle::nn {

/// A shipped trained network: models/STYLE/NET.safetensors, with its training record NET.jsonl beside it.
struct ShippedModel {
  std::string style;  ///< "starry_night"
  std::string net;    ///< "mini"
  std::filesystem::path path;
  [[nodiscard]] std::string name() const { return style + "/" + net; }
};

/// The network used when only a style is named.
inline constexpr std::string_view kDefaultShippedPreset = "mini";

/// Sorted by name, without the base networks.
std::vector<ShippedModel> shipped_models();

/// The file of the shipped model "starry_night/original", or of "starry_night", which means its mini network; otherwise
/// the file or folder that `name` is the path of. Throws DataError with the nearest shipped name, or the styles, if
/// there is neither.
std::filesystem::path find_model(const std::string& name);

/// The network of this architecture that training starts from by default, models/base/PRESET.safetensors; empty if none
/// is shipped.
std::filesystem::path find_base_net(const config::Architecture& architecture);

}  // namespace pocketstyle::nn
