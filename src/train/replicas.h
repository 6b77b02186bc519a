// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <c10/core/thread_pool.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

namespace pocketstyle::train {

/// How a batch is divided among the processor's threads.
struct ReplicaSplit {
  int replicas = 1;  ///< equal shares of the batch that are processed at the same time
  int threads = 1;   ///< threads per replica
  bool operator==(const ReplicaSplit&) const = default;
};

/// The largest number of replicas that leaves no more threads idle than one replica would.
ReplicaSplit split_replicas(std::int64_t batch, int threads);

/// Runs the shares of a step, each on its own threads: convolutions of a few photos scale worse with threads than
/// processing photos in parallel. OpenBLAS has one number of threads for the whole process; it is set to that of a
/// replica from the start, so that no matrix product depends on what else is running.
class Replicas {
 public:
  explicit Replicas(ReplicaSplit split);

  [[nodiscard]] std::size_t count() const { return static_cast<std::size_t>(split_.replicas); }
  /// Runs `work`(0) to `work`(count() - 1) in parallel; a single replica runs on the calling thread. When all are done,
  /// rethrows the first exception.
  void run(const std::function<void(std::size_t replica)>& work);

 private:
  ReplicaSplit split_;
  std::unique_ptr<c10::ThreadPool> pool_;  ///< null for one replica
};

}  // namespace pocketstyle::train
