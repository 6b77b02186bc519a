// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace pocketstyle::workflows {

/// Lets LibTorch use so many CPU threads; 0 is one a core, the cores shared by `processes` that do the same.
void set_threads(std::int64_t threads, int processes = 1);
/// What set_threads() takes for that.
int thread_count(std::int64_t threads, int processes = 1);
/// How many LibTorch uses now.
int threads_in_use();

}  // namespace pocketstyle::workflows
