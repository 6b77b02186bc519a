// SPDX-License-Identifier: Apache-2.0
#include "serve/rate_limit.h"

#include <algorithm>
#include <cmath>

namespace pocketstyle::serve {
namespace {

constexpr std::size_t kMostClients = 10000;  // limit of stored clients; then those whose bucket is full are dropped

}  // namespace

RateLimit::Bucket& RateLimit::bucket(const std::string& client, Clock::time_point now) {
  const auto goes_at = [&](const Bucket& bucket) {
    const std::chrono::duration<double> passed = now - bucket.filled;
    return std::min(burst_, bucket.goes + passed.count() * per_second_);
  };
  if (buckets_.size() >= kMostClients && !buckets_.contains(client)) {
    std::erase_if(buckets_, [&](const auto& entry) { return goes_at(entry.second) >= burst_; });
    if (buckets_.size() >= kMostClients) buckets_.clear();
  }
  Bucket& found = buckets_.try_emplace(client, Bucket{burst_, now}).first->second;
  found = {goes_at(found), now};
  return found;
}

bool RateLimit::take(const std::string& client, Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  Bucket& found = bucket(client, now);
  if (found.goes < 1) return false;
  found.goes -= 1;
  return true;
}

bool RateLimit::is_exhausted(const std::string& client, Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  return bucket(client, now).goes < 1;
}

int RateLimit::seconds_to_wait() const {
  return static_cast<int>(std::ceil(1 / per_second_));
}

std::size_t RateLimit::clients() const {
  const std::lock_guard lock(mutex_);
  return buckets_.size();
}

}  // namespace pocketstyle::serve
