// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace pocketstyle {

/// The one of `known` that `name` was likely meant to be: the nearest within two edits (Levenshtein), of fewer edits
/// than it has characters; empty if there is none.
std::string nearest_name(std::string_view name, const std::vector<std::string>& known);

}  // namespace pocketstyle
