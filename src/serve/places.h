// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>

namespace pocketstyle::serve {

/// A number of places, of which one client can take a few only. Thread-safe; places may outlive it.
class Places {
 public:
  /// Free again when it is destroyed.
  class Place {
   public:
    [[nodiscard]] bool taken() const { return held_ != nullptr; }

   private:
    friend class Places;
    std::shared_ptr<void> held_;
  };

  Places(std::size_t most, std::size_t most_of_one) : most_(most), most_of_one_(most_of_one) {}
  /// One that is not taken() if all are, or all that this client may have.
  Place take(const std::string& client) {
    Place place;
    const std::lock_guard lock(state_->mutex);
    std::size_t& count = state_->of[client];
    if (state_->count < most_ && count < most_of_one_) {
      ++count;
      ++state_->count;
      place.held_ = std::shared_ptr<void>(state_.get(), [state = state_, client](void*) { state->leave(client); });
    } else if (count == 0) {
      state_->of.erase(client);
    }
    return place;
  }
  [[nodiscard]] std::size_t most() const { return most_; }
  [[nodiscard]] std::size_t most_of_one() const { return most_of_one_; }

 private:
  struct State {
    std::mutex mutex;
    std::size_t count = 0;
    std::unordered_map<std::string, std::size_t> of;
    void leave(const std::string& client) {
      const std::lock_guard lock(mutex);
      --count;
      if (--of[client] == 0) of.erase(client);
    }
  };
  std::size_t most_, most_of_one_;
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace pocketstyle::serve
