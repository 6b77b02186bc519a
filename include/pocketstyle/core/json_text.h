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

/// Parses JSON with nlohmann's library; a discarded value if `text` is none, or nested so deep that writing it again,
/// which recurses, could overflow the stack.
template <class Json>
Json parse_json(const std::string& text) {
  constexpr int kDeepest = 100;
  bool too_deep = false;
  const auto keep = [&](int depth, typename Json::parse_event_t /*event*/, Json& /*value*/) {
    too_deep = too_deep || depth > kDeepest;
    return !too_deep;
  };
  Json json = Json::parse(text, keep, /*allow_exceptions=*/false);
  return too_deep ? Json(Json::value_t::discarded) : json;
}

}  // namespace pocketstyle
