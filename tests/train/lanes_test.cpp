// SPDX-License-Identifier: Apache-2.0
#include "train/lanes.h"

#include "support/catch.h"

#include "pocketstyle/core/error.h"

#include <atomic>

using namespace pocketstyle;
using testing::contains;
using testing::error_of;

TEST_CASE("lanes leave no thread idle that one lane would not") {
  const auto [batch, threads, lanes, each] = GENERATE(table<std::int64_t, int, int, int>({{4, 1, 1, 1},
                                                                                          {4, 2, 2, 1},
                                                                                          {4, 3, 1, 3},
                                                                                          {4, 4, 4, 1},
                                                                                          {4, 6, 2, 3},
                                                                                          {4, 16, 4, 4},
                                                                                          {1, 8, 1, 8},
                                                                                          {6, 4, 2, 2}}));
  INFO("batch " << batch << ", threads " << threads);
  CHECK(train::split_lanes(batch, threads) == train::LaneSplit{lanes, each});
}

TEST_CASE("what goes wrong in a lane is told, when all are done") {
  std::atomic<int> done = 0;
  train::Lanes lanes({3, 1});
  const auto work = [&](std::size_t lane) {
    ++done;
    if (lane == 1) throw UsageError("lane {}", lane);
  };
  CHECK(contains(error_of([&] { lanes.run(work); }), "lane 1"));
  CHECK(done == 3);
}
