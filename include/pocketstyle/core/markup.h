// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace pocketstyle {

/// Text as XML and HTML take it, in attributes too.
std::string escape_xml(std::string_view text);

}  // namespace pocketstyle
