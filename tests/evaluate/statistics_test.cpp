// SPDX-License-Identifier: Apache-2.0
#include "support/catch.h"

#include "pocketstyle/evaluate/evaluate.h"

#include <algorithm>
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

// Golden: quantiles of Student's t as in its tables: 12.7062 for 1 degree of freedom, 4.30265 for 2, 2.09302 for 19,
// 1.99300 for 73.
TEST_CASE("a mean is over files and photos, with an interval", "[golden]") {
  check_interval(evaluate::mean(of({{4, 4, 4}}), "total"), 4, 4, 4);
  // Two seeds, 1 and 3, whose mean has a standard error of 1; photos do not differ.
  check_interval(evaluate::mean(of({{1, 1}, {3, 3}}), "total"), 2, 2 - 12.7062, 2 + 12.7062);
  // Photos alone: half of them 0 and half 1, so that the standard error is 0.5 / sqrt(n - 1).
  const auto halves = [](std::size_t count) {
    std::vector<double> values(count, 0.0);
    std::fill(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(count / 2), 1.0);
    return values;
  };
  const double error = 0.5 / std::sqrt(19.0);
  check_interval(evaluate::mean(of({halves(20)}), "total"), 0.5, 0.5 - 2.09302 * error, 0.5 + 2.09302 * error);
  const double many = 0.5 / std::sqrt(73.0);
  check_interval(evaluate::mean(of({halves(74)}), "total"), 0.5, 0.5 - 1.99300 * many, 0.5 + 1.99300 * many);
  // Both: the squares of the margins add up.
  const double photos = 12.7062 * 0.5, seeds = 12.7062 * 1, both = std::hypot(photos, seeds);
  check_interval(evaluate::mean(of({{1, 2}, {3, 4}}), "total"), 2.5, 2.5 - both, 2.5 + both);
}

TEST_CASE("one photo has a mean, and no interval") {
  CHECK_FALSE(evaluate::mean(of({{4}}), "total").is_known());
  const results::Interval difference = evaluate::difference(of({{5}}), of({{4}}), "total");
  CHECK(difference.value == 1);
  CHECK(results::verdict(difference, results::Better::lower) == results::Verdict::uncertain);
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
  // Seeds of 165 and 195 beside two of 150: a variance of 225 for all four, in percent of 150.
  const double percent = 100.0 / 150 * 4.30265 * std::sqrt(225.0 / 2 + 225.0 / 2);
  check_interval(evaluate::difference_percent(of({{110, 220}, {130, 260}}), base, "total"), 20, 20 - percent,
                 20 + percent);
  // One seed beside two, which have a variance of 2.
  const double levels = 12.7062 * std::sqrt(2.0 / 1 + 2.0 / 2);
  check_interval(evaluate::difference(of({{10, 10}}), of({{1, 1}, {3, 3}}), "total"), 8, 8 - levels, 8 + levels);
}

TEST_CASE("percent of a negative baseline keep the direction, of zero there are none") {
  CHECK(evaluate::difference_percent(of({{-1, -1}}), of({{-2, -2}}), "total").value == Approx(50));
  CHECK_FALSE(std::isfinite(evaluate::difference_percent(of({{1, 1}}), of({{0, 0}}), "total").value));
}

TEST_CASE("what was not measured has no mean, and other photos no difference") {
  CHECK(contains(error_of([] { evaluate::mean(of({{1}}), "ssim"); }), "usage: evaluate: ssim of 'net'"));
  CHECK(contains(error_of([] { evaluate::difference(of({{1}}), of({{1, 2}}), "total"); }), "found 1 and 2"));
}
