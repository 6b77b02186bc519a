// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace pocketstyle {

/// The product's version from CMakeLists.txt: "0.1.0".
std::string_view version();

}  // namespace pocketstyle
