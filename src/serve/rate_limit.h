// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <mutex>
#include <string>

namespace pocketstyle::serve {

/// Limits each client to this many requests per minute, `burst` of them at once (a token bucket). Thread-safe.
class RateLimit {
 public:
  using Clock = std::chrono::steady_clock;
  RateLimit(double per_minute, double burst) : per_second_(per_minute / 60), burst_(burst) {}

  /// Takes one token. False if the client has none left.
  bool take(const std::string& client, Clock::time_point now = Clock::now());
  /// Whether the client has no token left; takes none.
  bool is_exhausted(const std::string& client, Clock::time_point now = Clock::now());
  /// Time until the next token, rounded up.
  [[nodiscard]] int seconds_to_wait() const;
  [[nodiscard]] std::size_t clients() const;  ///< number of stored clients

 private:
  struct Bucket {
    double goes = 0;
    Clock::time_point filled;
  };
  Bucket& bucket(const std::string& client, Clock::time_point now);
  double per_second_, burst_;
  mutable std::mutex mutex_;
  std::map<std::string, Bucket> buckets_;
};

}  // namespace pocketstyle::serve
