// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace pocketstyle::workflows {

/// Sets the number of LibTorch's CPU threads; 0 means one per processor that this process may use
/// (core/processors.h), shared by `processes` equal processes.
void set_threads(std::int64_t threads, int processes = 1);
/// For commands without an option for it: LibTorch reads OMP_NUM_THREADS; if that is not set, set_threads(0). By
/// default LibTorch would start one thread per processor of the machine.
void set_default_threads();
/// The number that set_threads() would set.
int thread_count(std::int64_t threads, int processes = 1);
/// The number that LibTorch uses now.
int threads_in_use();

}  // namespace pocketstyle::workflows
