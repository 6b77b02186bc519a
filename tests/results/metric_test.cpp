// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/results/metric.h"

#include "support/catch.h"

#include <limits>

using namespace pocketstyle::results;

TEST_CASE("a difference is better or worse if its interval leaves out zero") {
  CHECK(verdict({-3, -5, -1}, Better::lower) == Verdict::better);
  CHECK(verdict({-3, -5, -1}, Better::higher) == Verdict::worse);
  CHECK(verdict({3, 1, 5}, Better::lower) == Verdict::worse);
  CHECK(verdict({3, 1, 5}, Better::higher) == Verdict::better);
  CHECK(verdict({3, 1, 5}, Better::neither) == Verdict::none);
  CHECK(verdict({3, -1, 5}, Better::lower) == Verdict::uncertain);
  CHECK(verdict({3, 0, 5}, Better::lower) == Verdict::uncertain);
  CHECK(verdict({-3, -5, 0}, Better::lower) == Verdict::uncertain);
}

TEST_CASE("a negligible difference is the same, whatever its interval") {
  CHECK(verdict({0.049, 0.04, 0.06}, Better::lower) == Verdict::same);
  CHECK(verdict({-0.049, -1, 1}, Better::lower) == Verdict::same);
  CHECK(verdict({0.05, 0.04, 0.06}, Better::lower) == Verdict::worse);
  CHECK(verdict({}, Better::higher) == Verdict::same);
}

TEST_CASE("in the metric's unit other differences are negligible") {
  CHECK(verdict({0.005, 0.004, 0.006}, Better::lower, /*relative=*/false) == Verdict::worse);
  CHECK(verdict({0.004, 0.003, 0.005}, Better::lower, /*relative=*/false) == Verdict::same);
}

TEST_CASE("what is not a number says nothing") {
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  CHECK(verdict({kNan, kNan, kNan}, Better::lower) == Verdict::uncertain);
  CHECK(verdict({kInfinity, kInfinity, kInfinity}, Better::lower) == Verdict::uncertain);
}
