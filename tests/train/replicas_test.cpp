// SPDX-License-Identifier: Apache-2.0
#include "train/replicas.h"

#include "support/catch.h"

#include "pocketstyle/core/error.h"

#include <atomic>

using namespace pocketstyle;
using testing::contains;
using testing::error_of;

TEST_CASE("replicas leave no thread idle that one replica would not") {
  const auto [batch, threads, replicas, each] = GENERATE(table<std::int64_t, int, int, int>({{4, 1, 1, 1},
                                                                                             {4, 2, 2, 1},
                                                                                             {4, 3, 1, 3},
                                                                                             {4, 4, 4, 1},
                                                                                             {4, 6, 2, 3},
                                                                                             {4, 16, 4, 4},
                                                                                             {1, 8, 1, 8},
                                                                                             {6, 4, 2, 2}}));
  INFO("batch " << batch << ", threads " << threads);
  CHECK(train::split_replicas(batch, threads) == train::ReplicaSplit{replicas, each});
}

TEST_CASE("what goes wrong in a replica is told, when all are done") {
  std::atomic<int> done = 0;
  train::Replicas replicas({3, 1});
  const auto work = [&](std::size_t replica) {
    ++done;
    if (replica == 1) throw UsageError("replica {}", replica);
  };
  CHECK(contains(error_of([&] { replicas.run(work); }), "replica 1"));
  CHECK(done == 3);
}
