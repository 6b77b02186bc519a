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

/// The file of "starry_night/original", or of "starry_night", which means its mini network. Throws DataError listing
/// the names if the name is unknown.
std::filesystem::path find_shipped_model(const std::string& name);

/// The network of this architecture that training starts from by default, models/base/PRESET.safetensors; empty if none
/// is shipped.
std::filesystem::path find_base_net(const config::Architecture& architecture);

}  // namespace pocketstyle::nn
