// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>

namespace pocketstyle::cli {

/// "480x640" as {480, 640}, "256" as {256, 256}. Throws UsageError.
std::pair<std::int64_t, std::int64_t> parse_size(const std::string& text);

/// Throws UsageError if `path` exists and `force` is not set.
void check_can_write(const std::filesystem::path& path, bool force);

}  // namespace pocketstyle::cli
