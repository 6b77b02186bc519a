// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <utility>

namespace pocketstyle::cli {

/// Parses "480x640" as {480, 640}, "256" as {256, 256}. Throws UsageError naming `option`.
std::pair<std::int64_t, std::int64_t> parse_size(const std::string& text, const char* option);

}  // namespace pocketstyle::cli
