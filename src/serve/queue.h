// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "serve/file_maker.h"
#include "serve/progress.h"
#include "serve/publisher.h"
#include "serve/store.h"

#include "pocketstyle/serve/programs.h"
#include "pocketstyle/serve/server.h"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace pocketstyle::serve {

/// Trains and publishes a store's jobs in order, several at a time, and publishes the shipped models. After any
/// interruption, the next queue on the same folder continues: an interrupted job is queued again, resumes training from
/// its newest checkpoint, and is published once.
class Queue {
 public:
  /// `jobs` concurrent trainings share the processor's cores.
  Queue(Store& store, Folders folders, ProgressBoard& board, Publisher& publisher, FileMaker& maker, RunProgram run,
        int jobs, int lease_seconds);
  /// Stops, as stop() does.
  ~Queue();
  Queue(const Queue&) = delete;
  Queue& operator=(const Queue&) = delete;

  /// Recovers from a process that was killed, then starts. `shipped` are published if they never were.
  void start(std::vector<ShippedModel> shipped);
  /// Call after a job was queued.
  void wake();
  /// Lends the next job to another machine, under `lease`. It goes back when that is not renewed in time.
  std::optional<Job> lend(const std::string& lease);
  bool renew(const std::string& lease);
  /// Stores what its machine sent as a file of the job's folder, and renews the lease. False, and nothing is changed,
  /// if it is lent no longer when all is written.
  bool take_file(const std::string& lease, const std::filesystem::path& name, std::string_view bytes);
  /// What its machine trained is complete: it is published. False if it was lent no longer.
  bool finish_lent(const std::string& lease);
  /// Its machine says that the training failed.
  bool fail_lent(const std::string& lease, const std::string& error);
  /// Its machine gives it back, to its old place.
  bool take_back(const std::string& lease);
  /// Like Store::cancel, and ends the job's processes.
  bool cancel(const std::string& id);
  /// Like Store::remove_job, and removes the job's folder.
  bool remove(const std::string& id);
  /// The beginning of stop(): does not wait. Whoever publishes waits for the maker, which has to be stopped in between.
  void request_stop();
  /// Stops the processes, which write checkpoints, puts their jobs back into the queue, and waits for all of this.
  void stop();

 private:
  void sweep_jobs() const;
  void work();
  void run(const Job& job, const std::stop_token& stop);
  /// Trains to the end. False if stopped.
  bool train(const Job& job, const std::stop_token& stop);
  void publish(const Job& job);
  /// Does what is left of a job that is open on the board, or says why not, and puts it away.
  void complete(const Job& job, const std::function<void()>& work);
  /// Stores its last progress, and queues it again if it has not ended.
  void put_away(const Job& job);
  std::optional<Job> end_lease(const std::string& lease);
  void put_down(const std::string& id);
  bool renew_locked(const std::string& lease);
  void watch();
  void end_lost_leases();
  void settle();
  void publish_shipped(const std::vector<ShippedModel>& shipped);
  bool stopping() const { return stop_.stop_requested(); }

  Store& store_;
  Folders folders_;
  ProgressBoard& board_;
  Publisher& publisher_;
  FileMaker& maker_;
  RunProgram run_;
  int concurrency_, threads_;  ///< threads per training
  std::chrono::seconds lease_time_;
  std::stop_source stop_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, std::stop_source> running_;  ///< by job id
  /// When a lease ends. In memory, since only this clock never jumps; at a start, all of them begin anew.
  std::map<std::string, std::chrono::steady_clock::time_point> leases_;
  std::mutex unsettled_mutex_;
  std::set<std::string> unsettled_;  ///< jobs that nobody works on, whose row could not be changed
  std::vector<std::jthread> threads_of_work_;
};

}  // namespace pocketstyle::serve
