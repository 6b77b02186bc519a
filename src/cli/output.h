// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <utility>

namespace pocketstyle::cli {

/// "480x640" as {480, 640}, "256" as {256, 256}. Throws UsageError naming `option`.
std::pair<std::int64_t, std::int64_t> parse_size(const std::string& text, const char* option);

/// Lets LibTorch use so many CPU threads; 0 is one a core, the cores shared by `processes` that do the same.
void set_threads(std::int64_t threads, int processes = 1);
/// What set_threads() takes for that.
int thread_count(std::int64_t threads, int processes);

}  // namespace pocketstyle::cli
