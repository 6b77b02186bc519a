// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/workflows/threads.h"

#include "pocketstyle/core/cpu.h"

#include <torch/utils.h>

#include <algorithm>
#include <thread>

namespace pocketstyle::workflows {

int thread_count(std::int64_t threads, int processes) {
  if (threads > 0) return static_cast<int>(threads);
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()) / processes);
}

void set_threads(std::int64_t threads, int processes) {
  const int count = thread_count(threads, processes);
  torch::set_num_threads(count);
  set_blas_threads(count);
}

int threads_in_use() {
  return torch::get_num_threads();
}

}  // namespace pocketstyle::workflows
