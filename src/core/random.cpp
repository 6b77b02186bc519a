// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/core/random.h"

#include <limits>
#include <numeric>
#include <utility>

namespace pocketstyle {
namespace {

std::uint64_t mix(std::uint64_t z) {
  z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31U);
}
constexpr std::uint64_t kGolden = 0x9E3779B97F4A7C15ULL;

}  // namespace

CounterRandom::CounterRandom(std::uint64_t seed, std::uint64_t stream) : state_(mix(seed + kGolden) ^ mix(~stream)) {}

std::uint64_t CounterRandom::next() {
  return mix(state_ += kGolden);
}

std::int64_t CounterRandom::integer(std::int64_t low, std::int64_t high) {
  const std::uint64_t count = static_cast<std::uint64_t>(high - low) + 1;
  if (count == 0) return static_cast<std::int64_t>(next());
  const std::uint64_t limit = std::numeric_limits<std::uint64_t>::max() / count * count;
  std::uint64_t value = next();
  while (value >= limit) value = next();  // otherwise low values would be slightly more likely
  return low + static_cast<std::int64_t>(value % count);
}

std::vector<std::int64_t> shuffled_indices(std::int64_t n, std::uint64_t seed, std::uint64_t stream) {
  std::vector<std::int64_t> order(static_cast<std::size_t>(n));
  std::iota(order.begin(), order.end(), 0);
  CounterRandom random(seed, stream);
  for (std::int64_t i = n - 1; i > 0; --i)
    std::swap(order[static_cast<std::size_t>(i)], order[static_cast<std::size_t>(random.integer(0, i))]);
  return order;
}

}  // namespace pocketstyle
