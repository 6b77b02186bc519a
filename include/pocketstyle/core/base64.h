// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace pocketstyle {

/// Encodes bytes as base64 (RFC 4648, padded), on one line.
std::string base64(std::string_view bytes);

}  // namespace pocketstyle
