// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

namespace pocketstyle {

/// A small counter-based generator: the n-th number depends only on (seed, stream), so the position is its only state,
/// and the sequence is the same on every platform. splitmix64 (Steele, Lea, Flood 2014).
class CounterRandom {
 public:
  CounterRandom(std::uint64_t seed, std::uint64_t stream);
  std::uint64_t next();
  /// Uniform in [low, high], inclusive. Requires: low <= high.
  std::int64_t integer(std::int64_t low, std::int64_t high);
  /// Uniform in [0, 1), in multiples of 2^-24, which a float represents exactly.
  float unit() { return static_cast<float>(next() >> 40U) * 0x1p-24F; }
  /// True with probability 1/2.
  bool coin() { return (next() >> 63) != 0; }

 private:
  std::uint64_t state_;
};

/// 0..n-1 in an order that depends only on (seed, stream). Fisher-Yates.
std::vector<std::int64_t> shuffled_indices(std::int64_t n, std::uint64_t seed, std::uint64_t stream);

}  // namespace pocketstyle
