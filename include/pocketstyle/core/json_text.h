// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace pocketstyle {

/// Serialises a JSON value of nlohmann's library. Bytes that are not UTF-8, such as in file names, become U+FFFD;
/// dump() alone would throw. `indent`: spaces per level; negative: all in one line.
template <class Json>
std::string json_text(const Json& json, int indent = -1) {
  return json.dump(indent, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace);
}

}  // namespace pocketstyle
