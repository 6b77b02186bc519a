// SPDX-License-Identifier: Apache-2.0
#include "train/replicas.h"

#include "pocketstyle/core/cpu.h"

#include <torch/torch.h>

#include <algorithm>
#include <exception>
#include <latch>
#include <vector>

namespace pocketstyle::train {

ReplicaSplit split_replicas(std::int64_t batch, int threads) {
  ReplicaSplit best{1, threads};
  for (int replicas = 2; replicas <= std::min<std::int64_t>(batch, threads); ++replicas) {
    const ReplicaSplit split{replicas, threads / replicas};
    if (batch % replicas == 0 && split.replicas * split.threads >= best.replicas * best.threads) best = split;
  }
  return best;
}

Replicas::Replicas(ReplicaSplit split) : split_(split) {
  set_blas_threads(split_.threads);
  if (split_.replicas == 1) return;
  const int all_threads = torch::get_num_threads();
  const auto ready = std::make_shared<std::latch>(split_.replicas);
  pool_ = std::make_unique<c10::ThreadPool>(split_.replicas, /*numa_node_id=*/-1, [ready, threads = split_.threads] {
    torch::get_num_threads();  // a thread's first query would otherwise reset it to the default number
    torch::set_num_threads(threads);
    ready->count_down();
  });
  ready->wait();
  torch::set_num_threads(all_threads);  // for this thread and new ones
}

void Replicas::run(const std::function<void(std::size_t)>& work) {
  set_blas_threads(split_.threads);
  if (pool_ == nullptr) return work(0);
  std::vector<std::exception_ptr> errors(static_cast<std::size_t>(split_.replicas));
  for (std::size_t replica = 0; replica < errors.size(); ++replica)
    pool_->run([&work, &error = errors[replica], replica] {
      try {
        work(replica);
      } catch (...) {
        error = std::current_exception();
      }
    });
  pool_->waitWorkComplete();
  for (const std::exception_ptr& error : errors)
    if (error != nullptr) std::rethrow_exception(error);
}

}  // namespace pocketstyle::train
