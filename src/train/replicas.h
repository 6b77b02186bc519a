// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <c10/core/thread_pool.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

namespace pocketstyle::train {

/// How a batch is shared out over the processor's threads.
struct ReplicaSplit {
  int replicas = 1;  ///< equal shares of the batch that are learned from at the same time
  int threads = 1;   ///< of each
  bool operator==(const ReplicaSplit&) const = default;
};

/// As many replicas as can be without leaving more threads idle than one replica would.
ReplicaSplit split_replicas(std::int64_t batch, int threads);

/// Runs the shares of a step, each on threads of its own: convolutions of a few photos split worse over threads than
/// the photos themselves do. OpenBLAS has one number of threads for the whole process: from the first on, it stays at
/// that of a replica, so that no matrix product depends on what else runs.
class Replicas {
 public:
  explicit Replicas(ReplicaSplit split);

  [[nodiscard]] std::size_t count() const { return static_cast<std::size_t>(split_.replicas); }
  /// `work`(0) to `work`(count() - 1), at the same time; one replica alone on the calling thread. When all are done,
  /// rethrows what the first that failed threw.
  void run(const std::function<void(std::size_t replica)>& work);

 private:
  ReplicaSplit split_;
  std::unique_ptr<c10::ThreadPool> pool_;  ///< none for one replica
};

}  // namespace pocketstyle::train
