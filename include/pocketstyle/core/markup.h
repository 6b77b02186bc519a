// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace pocketstyle {

/// Escapes text for XML and HTML, including attributes.
std::string escape_xml(std::string_view text);

}  // namespace pocketstyle
