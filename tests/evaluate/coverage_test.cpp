// SPDX-License-Identifier: Apache-2.0
// How often the intervals that `evaluate` and `report` print hold what is true. The table in
// docs/benchmarks/intervals.txt: build/release/tests/evaluate/evaluate_test "[coverage]"
#include "support/catch.h"

#include "pocketstyle/core/random.h"
#include "pocketstyle/evaluate/evaluate.h"

#include <array>
#include <cmath>
#include <cstdint>
#include <functional>
#include <iostream>

using namespace pocketstyle;

namespace {

constexpr std::size_t kPhotos = 12;
// Of the mean, as standard deviations: photos differ much, seeds and what a seed makes of a photo little.
constexpr double kPhotoSpread = 0.4, kSeedSpread = 0.03, kRestSpread = 0.04, kEffectSpread = 0.1;
constexpr double kEffect = 0.05;  // by which one network is truly worse

/// Draws with mean 0 and standard deviation 1: normal, or log-normal with a skewness of 2.3, as losses of photos are.
class Draws {
 public:
  Draws(std::uint64_t stream, bool skewed) : random_(12, stream), skewed_(skewed) {}
  double normal() {
    const double radius = std::sqrt(-2 * std::log(1 - static_cast<double>(random_.unit())));
    return radius * std::cos(2 * std::acos(-1.0) * static_cast<double>(random_.unit()));
  }
  double next() {
    if (!skewed_) return normal();
    constexpr double kSigma = 0.6;
    const double mean = std::exp(kSigma * kSigma / 2), deviation = mean * std::sqrt(std::exp(kSigma * kSigma) - 1);
    return (std::exp(kSigma * normal()) - mean) / deviation;
  }

 private:
  CounterRandom random_;
  bool skewed_;
};

struct Coverage {
  double mean = 0, difference = 0, percent = 0;  ///< shares of draws whose interval holds the truth
  double percent_width = 0;
};

/// With one seed an interval is about these two networks, with more about networks of their kind.
Coverage simulate(std::size_t seeds, bool skewed, double uneven, std::uint64_t draws) {
  Coverage coverage;
  for (std::uint64_t n = 0; n < draws; ++n) {
    Draws draw(n, skewed);
    std::array<double, kPhotos> base{}, effect{};
    for (std::size_t i = 0; i < kPhotos; ++i)
      base[i] = kPhotoSpread * draw.next(), effect[i] = kEffectSpread * draw.next();
    evaluate::Evaluation ours{.name = "ours", .files = {}, .photos = {}, .values = {}}, theirs = ours;
    for (std::size_t seed = 0; seed < seeds; ++seed) {
      const double luck = seeds > 1 ? kSeedSpread : 0, mine = uneven * luck * draw.next(), other = luck * draw.next();
      auto &our_row = ours.values["total"].emplace_back(), &their_row = theirs.values["total"].emplace_back();
      for (std::size_t i = 0; i < kPhotos; ++i) {
        their_row.push_back(1 + base[i] + other + kRestSpread * draw.normal());
        our_row.push_back(1 + kEffect + base[i] + mine + effect[i] + kRestSpread * draw.normal());
      }
    }
    const auto holds = [](const results::Interval& interval, double truth) {
      return interval.low <= truth && truth <= interval.high ? 1.0 : 0.0;
    };
    const double share = 1 / static_cast<double>(draws);
    const results::Interval percent = evaluate::difference_percent(ours, theirs, "total");
    coverage.mean += share * holds(evaluate::mean(ours, "total"), 1 + kEffect);
    coverage.difference += share * holds(evaluate::difference(ours, theirs, "total"), kEffect);
    coverage.percent += share * holds(percent, 100 * kEffect);
    coverage.percent_width += share * (percent.high - percent.low);
  }
  return coverage;
}

}  // namespace

TEST_CASE("intervals hold the truth about as often as they say") {
  for (const bool skewed : {false, true})
    for (std::size_t seeds = 1; seeds <= 5; ++seeds) {
      const Coverage found = simulate(seeds, skewed, 1, 1000);
      INFO((skewed ? "skewed, " : "normal, ")
           << seeds << " seeds: " << found.mean << ", " << found.difference << ", " << found.percent);
      for (const double share : {found.mean, found.difference, found.percent}) {
        CHECK(share > (skewed ? 0.88 : 0.93));
        CHECK(share < 0.995);
      }
    }
}

TEST_CASE("the table of coverage", "[.][coverage]") {
  std::cout << fmt::format("{:<10}{:>6}{:>16}{:>8}{:>14}{:>17}{:>10}\n", "values", "seeds", "seeds' spread", "mean",
                           "difference", "difference in %", "width, %");
  for (const bool skewed : {false, true})
    for (const double uneven : {1.0, 4.0})
      for (std::size_t seeds = uneven > 1 ? 2 : 1; seeds <= 5; ++seeds) {
        const Coverage found = simulate(seeds, skewed, uneven, 20000);
        std::cout << fmt::format("{:<10}{:>6}{:>16}{:>8.3f}{:>14.3f}{:>17.3f}{:>10.1f}\n", skewed ? "skewed" : "normal",
                                 seeds, uneven > 1 ? "4 to 1" : "equal", found.mean, found.difference, found.percent,
                                 found.percent_width);
      }
}
