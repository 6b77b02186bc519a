// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "serve/progress.h"
#include "serve/publisher.h"
#include "serve/store.h"

#include "pocketstyle/serve/programs.h"
#include "pocketstyle/serve/server.h"

#include <condition_variable>
#include <map>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace pocketstyle::serve {

/// Trains and publishes the jobs of a store in their order, some at a time, and the shipped models beside them.
/// However the process ends, the next queue on the same folder goes on: an interrupted job is queued again, trains on
/// from its newest checkpoint, and is published once.
class Queue {
 public:
  /// `jobs` trainings at a time share the processor's cores.
  Queue(Store& store, Folders folders, ProgressBoard& board, Publisher& publisher, RunProgram run, int jobs);
  /// Stops.
  ~Queue();
  Queue(const Queue&) = delete;
  Queue& operator=(const Queue&) = delete;

  /// Puts right what a process that was killed left, then begins. `shipped` are published if they never were.
  void start(std::vector<ShippedModel> shipped);
  /// A job was queued.
  void wake();
  /// As Store::cancel, and its processes end.
  bool cancel(const std::string& id);
  /// As Store::remove_job, with the job's folder.
  bool remove(const std::string& id);
  /// Ends processes, which leave checkpoints, puts their jobs back into the queue, and waits for all that.
  void stop();

 private:
  void sweep_jobs() const;
  void work();
  void run(const Job& job, const std::stop_token& stop);
  /// Trains to the end. False if it was stopped.
  bool train(const Job& job, const std::stop_token& stop);
  void publish(const Job& job, const std::stop_token& stop);
  void publish_shipped(const std::vector<ShippedModel>& shipped);
  bool stopping() const { return stop_.stop_requested(); }

  Store& store_;
  Folders folders_;
  ProgressBoard& board_;
  Publisher& publisher_;
  RunProgram run_;
  int concurrency_, threads_;  ///< threads of one training
  std::stop_source stop_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, std::stop_source> running_;  ///< by the jobs' ids
  std::vector<std::jthread> threads_of_work_;
};

}  // namespace pocketstyle::serve
