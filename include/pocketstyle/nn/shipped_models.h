// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace pocketstyle::nn {

/// A trained network that the product ships: models/STYLE/NET.safetensors, with its run's record NET.jsonl beside it.
struct ShippedModel {
  std::string style;  ///< "starry_night"
  std::string net;    ///< "mini"
  std::filesystem::path path;
  [[nodiscard]] std::string name() const { return style + "/" + net; }
};

/// The network that a style's name alone means.
inline constexpr std::string_view kDefaultShippedPreset = "mini";

/// Sorted by name.
std::vector<ShippedModel> shipped_models();

/// The file of "starry_night/original", or of "starry_night", which is the mini one. Throws DataError listing the names
/// if there is none of that name.
std::filesystem::path find_shipped_model(const std::string& name);

}  // namespace pocketstyle::nn
