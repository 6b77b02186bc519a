// SPDX-License-Identifier: Apache-2.0
#include "support/catch.h"

#include "pocketstyle/evaluate/evaluate.h"

#include <cmath>

using namespace pocketstyle;
using testing::contains;
using testing::error_of;

namespace {

evaluate::Evaluation of(std::vector<std::vector<double>> totals) {
  evaluate::Evaluation evaluation{.name = "net", .files = {}, .photos = {}, .values = {}};
  evaluation.values["total"] = std::move(totals);
  return evaluation;
}

void check_interval(const results::Interval& found, double value, double low, double high) {
  CHECK(found.value == Approx(value));
  CHECK(found.low == Approx(low));
  CHECK(found.high == Approx(high));
}

}  // namespace

TEST_CASE("a mean is over files and photos, with an interval") {
  check_interval(evaluate::mean(of({{4, 4, 4}}), "total"), 4, 4, 4);
  // Of two photos alike but for the seed, a resample of two files is 1, 2 or 3 with chances 1/4, 1/2, 1/4.
  check_interval(evaluate::mean(of({{1, 1}, {3, 3}}), "total"), 2, 1, 3);
  // Ten photos of 0 and ten of 1: a binomial of 20, whose 95% is 6 to 14.
  std::vector<double> halves(20, 0.0);
  std::fill(halves.begin(), halves.begin() + 10, 1.0);
  check_interval(evaluate::mean(of({halves}), "total"), 0.5, 0.3, 0.7);
}

TEST_CASE("a difference is paired over the photos") {
  const auto base = of({{100, 200, 300, 50, 80}});
  check_interval(evaluate::difference_percent(base, base, "total"), 0, 0, 0);
  const auto tenth = of({{110, 220, 330, 55, 88}});  // the same share on every photo
  check_interval(evaluate::difference_percent(tenth, base, "total"), 10, 10, 10);
  check_interval(evaluate::difference(of({{101, 201, 301, 51, 81}}), base, "total"), 1, 1, 1);
  const auto mixed = of({{120, 190, 310, 60, 70}});
  const auto found = evaluate::difference_percent(mixed, base, "total");
  CHECK(found.low < found.value);
  CHECK(found.value < found.high);
  CHECK(evaluate::difference_percent(mixed, base, "total").low == found.low);
}

TEST_CASE("a difference is over the seeds of both") {
  const auto base = of({{100, 200}, {100, 200}});
  check_interval(evaluate::difference_percent(of({{110, 220}, {130, 260}}), base, "total"), 20, 10, 30);
  check_interval(evaluate::difference(of({{10, 10}}), of({{1, 1}, {3, 3}}), "total"), 8, 7, 9);
}

TEST_CASE("percent of a negative baseline keep the direction, of zero there are none") {
  CHECK(evaluate::difference_percent(of({{-1, -1}}), of({{-2, -2}}), "total").value == Approx(50));
  CHECK_FALSE(std::isfinite(evaluate::difference_percent(of({{1, 1}}), of({{0, 0}}), "total").value));
}

TEST_CASE("what was not measured has no mean, and other photos no difference") {
  CHECK(contains(error_of([] { evaluate::mean(of({{1}}), "ssim"); }), "usage: evaluate: ssim of 'net'"));
  CHECK(contains(error_of([] { evaluate::difference(of({{1}}), of({{1, 2}}), "total"); }), "found 1 and 2"));
}
