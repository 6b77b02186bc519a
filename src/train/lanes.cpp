// SPDX-License-Identifier: Apache-2.0
#include "train/lanes.h"

#include "pocketstyle/core/cpu.h"

#include <torch/torch.h>

#include <algorithm>
#include <exception>
#include <latch>
#include <vector>

namespace pocketstyle::train {

LaneSplit split_lanes(std::int64_t batch, int threads) {
  LaneSplit best{1, threads};
  for (int lanes = 2; lanes <= std::min<std::int64_t>(batch, threads); ++lanes) {
    const LaneSplit split{lanes, threads / lanes};
    if (batch % lanes == 0 && split.lanes * split.threads >= best.lanes * best.threads) best = split;
  }
  return best;
}

Lanes::Lanes(LaneSplit split) : split_(split) {
  set_blas_threads(split_.threads);
  if (split_.lanes == 1) return;
  const int all_threads = torch::get_num_threads();
  const auto ready = std::make_shared<std::latch>(split_.lanes);
  pool_ = std::make_unique<c10::ThreadPool>(split_.lanes, /*numa_node_id=*/-1, [ready, threads = split_.threads] {
    torch::get_num_threads();  // a thread's first call of LibTorch that asks would set it to the number of all
    torch::set_num_threads(threads);
    ready->count_down();
  });
  ready->wait();
  torch::set_num_threads(all_threads);  // of this thread, and of those to come
}

void Lanes::run(const std::function<void(std::size_t)>& work) {
  set_blas_threads(split_.threads);
  if (pool_ == nullptr) return work(0);
  std::vector<std::exception_ptr> errors(static_cast<std::size_t>(split_.lanes));
  for (std::size_t lane = 0; lane < errors.size(); ++lane)
    pool_->run([&work, &error = errors[lane], lane] {
      try {
        work(lane);
      } catch (...) {
        error = std::current_exception();
      }
    });
  pool_->waitWorkComplete();
  for (const std::exception_ptr& error : errors)
    if (error != nullptr) std::rethrow_exception(error);
}

}  // namespace pocketstyle::train
