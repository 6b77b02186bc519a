// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

namespace pocketstyle::serve {

/// The threads that connections are served by. Who brings more than `waiting` beyond that has to wait, and with the
/// thread that accepts connections the clients, in the system's queue: neither memory nor descriptors run out.
/// `Base`: httplib::TaskQueue, whose enqueue() returns something from 0.15 on.
template <class Base>
class Workers : public Base {
 public:
  Workers(std::size_t threads, std::size_t waiting) : most_waiting_(waiting) {
    for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
  }

  ~Workers() override { Workers::shutdown(); }

  using Task = std::function<void()>;
  using Enqueued = decltype(std::declval<Base&>().enqueue(Task()));
  Enqueued enqueue(Task task) override {
    {
      std::unique_lock lock(mutex_);
      taken_.wait(lock, [this] { return tasks_.size() < most_waiting_ || ends_; });
      tasks_.push_back(std::move(task));
    }
    added_.notify_one();
    if constexpr (!std::is_void_v<Enqueued>) return true;
  }

  void shutdown() override {
    {
      const std::lock_guard lock(mutex_);
      ends_ = true;
    }
    added_.notify_all();
    taken_.notify_all();
    threads_.clear();
  }

 private:
  void work() {
    std::unique_lock lock(mutex_);
    while (true) {
      added_.wait(lock, [this] { return !tasks_.empty() || ends_; });
      if (tasks_.empty()) return;
      const Task task = std::move(tasks_.front());
      tasks_.pop_front();
      lock.unlock();
      taken_.notify_one();
      task();
      lock.lock();
    }
  }

  std::size_t most_waiting_;
  std::mutex mutex_;
  std::condition_variable added_, taken_;
  std::deque<Task> tasks_;
  bool ends_ = false;
  std::vector<std::jthread> threads_;
};

}  // namespace pocketstyle::serve
