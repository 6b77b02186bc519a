// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/workflows/threads.h"

#include "pocketstyle/core/cpu.h"
#include "pocketstyle/core/processors.h"

#include <torch/utils.h>

#include <algorithm>
#include <cstdlib>

namespace pocketstyle::workflows {

int thread_count(std::int64_t threads, int processes) {
  if (threads > 0) return static_cast<int>(threads);
  return std::max(1, usable_processors() / processes);
}

void set_threads(std::int64_t threads, int processes) {
  const int count = thread_count(threads, processes);
  torch::set_num_threads(count);
  set_blas_threads(count);
}

void set_default_threads() {
  if (std::getenv("OMP_NUM_THREADS") == nullptr) set_threads(0);
}

int threads_in_use() {
  return torch::get_num_threads();
}

}  // namespace pocketstyle::workflows
