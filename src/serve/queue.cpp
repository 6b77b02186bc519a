// SPDX-License-Identifier: Apache-2.0
#include "serve/queue.h"

#include "serve/ids.h"
#include "serve/recipe.h"
#include "serve/training.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"
#include "pocketstyle/core/log.h"
#include "pocketstyle/core/processors.h"

#include <algorithm>
#include <chrono>
#include <system_error>

namespace pocketstyle::serve {
namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
namespace {

constexpr auto kLockPoll = std::chrono::milliseconds(100);
constexpr auto kWatchEvery = std::chrono::seconds(1);
constexpr const char* kIncoming = "incoming-";           // begins the name of a file that another machine is sending
constexpr auto kAfterTrouble = std::chrono::seconds(5);  // before retrying a job after an error in the store

/// The final weights of a run; it is finished when they exist.
fs::path final_weights(const Folders& folders, const std::string& id) {
  return folders.run(id) / run::kFinalWeightsName;
}

/// Waits until no process writes to the folder: a training process whose server was killed ends after its current step.
/// False if stopped first.
bool wait_until_free(const fs::path& folder, const std::stop_token& stop) {
  while (fs::is_directory(folder)) {
    try {
      const FolderLock lock(folder);
      return true;
    } catch (const UsageError&) {
      if (stop.stop_requested()) return false;
      std::this_thread::sleep_for(kLockPoll);
    }
  }
  return true;
}

/// A file that is removed when it was not renamed.
struct Incoming {
  fs::path path;
  ~Incoming() {
    std::error_code ignored;
    fs::remove(path, ignored);
  }
};

std::optional<double> last_validation(const fs::path& metrics_file) {
  MetricsReader metrics(metrics_file);
  metrics.refresh();
  return metrics.validation().empty() ? std::nullopt : std::optional(metrics.validation().back().total);
}

}  // namespace

Queue::Queue(Store& store, Folders folders, ProgressBoard& board, Publisher& publisher, FileMaker& maker,
             RunProgram run, int jobs, int lease_seconds)
    : store_(store),
      folders_(std::move(folders)),
      board_(board),
      publisher_(publisher),
      maker_(maker),
      run_(std::move(run)),
      concurrency_(jobs),
      threads_(std::max(1, usable_processors() / std::max(1, jobs))),
      lease_time_(lease_seconds) {}

Queue::~Queue() {
  stop();
}

void Queue::start(std::vector<ShippedModel> shipped) {
  store_.requeue_all();
  publisher_.sweep();
  sweep_jobs();
  for (int i = 0; i < concurrency_; ++i) threads_of_work_.emplace_back([this] { work(); });
  threads_of_work_.emplace_back([this] { watch(); });
  for (const Job& job : store_.jobs())  // lent before this start, and still
    if (job.state == JobState::training && job.is_lent) board_.open(job.id);
  threads_of_work_.emplace_back([this, shipped = std::move(shipped)] { publish_shipped(shipped); });
}

/// Folders of jobs that have no row: an interrupted upload, or a removed job. And files that did not arrive whole.
void Queue::sweep_jobs() const {
  for (const auto& entry : fs::directory_iterator(folders_.jobs())) {
    if (!store_.job(entry.path().filename().string())) {
      remove_folder(entry.path());
      continue;
    }
    for (const auto& file : fs::directory_iterator(entry.path()))
      if (file.path().filename().string().starts_with(kIncoming)) remove_folder(file.path());
  }
}

void Queue::wake() {
  { const std::lock_guard lock(mutex_); }
  changed_.notify_all();
}

bool Queue::cancel(const std::string& id) {
  if (!store_.cancel(id)) return false;
  log()->info("[serve] job {}: cancelled", id);
  const std::lock_guard lock(mutex_);
  if (const auto found = running_.find(id); found != running_.end())
    found->second.request_stop();
  else if (const auto job = store_.job(id))
    put_away(*job);  // its machine is told when it is heard from
  return true;
}

bool Queue::remove(const std::string& id) {
  if (!store_.remove_job(id)) return false;
  const std::lock_guard lock(mutex_);
  if (!running_.contains(id)) remove_folder(folders_.job(id));  // otherwise when its process has ended
  return true;
}

void Queue::request_stop() {
  {
    const std::lock_guard lock(mutex_);
    stop_.request_stop();
    for (auto& [id, job] : running_) job.request_stop();
  }
  changed_.notify_all();
}

void Queue::stop() {
  request_stop();
  threads_of_work_.clear();
}

void Queue::work() {
  std::unique_lock lock(mutex_);
  while (!stopping()) {
    std::optional<Job> job;
    bool trouble = false;
    try {
      std::vector<std::string> busy;  // cancelled and queued again, but their processes are still ending
      for (const auto& [id, source] : running_) busy.push_back(id);
      job = store_.claim(busy);
    } catch (const Error& error) {
      log()->error("[serve] {}", error.what());
      trouble = true;
    }
    if (!job) {
      if (trouble)
        changed_.wait_for(lock, kAfterTrouble, [this] { return stopping(); });
      else
        changed_.wait(lock);
      continue;
    }
    const std::stop_token stop = running_[job->id].get_token();
    lock.unlock();
    run(*job, stop);
    lock.lock();
    put_down(job->id);
  }
}

/// Nothing works on it here any more; maybe it was removed meanwhile.
void Queue::put_down(const std::string& id) {
  running_.erase(id);
  try {
    if (!store_.job(id)) remove_folder(folders_.job(id));
  } catch (const Error& error) {
    log()->error("[serve] job {}: {}", id, error.what());
  }
  changed_.notify_all();
}

void Queue::run(const Job& job, const std::stop_token& stop) {
  board_.open(job.id);
  complete(job, [&] {
    if (train(job, stop)) publish(job);
  });
}

void Queue::complete(const Job& job, const std::function<void()>& work) {
  try {
    work();
  } catch (const std::exception& error) {
    log()->error("[serve] job {}: {}", job.id, error.what());
    try {
      if (!stopping()) store_.fail(job.id, first_line(error.what()));  // else it goes on at the next start
    } catch (const Error& worse) {
      log()->error("[serve] job {}: {}", job.id, worse.what());  // the next start continues from this state
    }
  }
  put_away(job);
  wake();
}

void Queue::put_away(const Job& job) {
  try {
    store_.save_progress(job.id, to_json(board_.progress(job)));
  } catch (const std::exception& error) {
    log()->error("[serve] job {}: {}", job.id, error.what());
  }
  board_.close(job.id);  // before somebody can take it
  try {
    if (store_.requeue(job.id)) log()->info("[serve] job {}: interrupted, queued again", job.id);
  } catch (const Error& error) {
    log()->error("[serve] job {}: {}", job.id, error.what());
    const std::lock_guard lock(unsettled_mutex_);
    unsettled_.insert(job.id);
  }
}

std::optional<Job> Queue::lend(const std::string& lease) {
  while (!stopping()) {
    std::unique_lock lock(mutex_);
    std::vector<std::string> busy;
    for (const auto& [id, source] : running_) busy.push_back(id);
    auto job = store_.claim(busy, lease);
    if (!job) break;
    leases_[lease] = Clock::now() + lease_time_;
    board_.open(job->id);
    lock.unlock();
    if (!fs::exists(final_weights(folders_, job->id))) return job;
    finish_lent(lease);  // trained, but this server ended before it was published
  }
  return std::nullopt;
}

bool Queue::renew(const std::string& lease) {
  const std::lock_guard lock(mutex_);
  return renew_locked(lease);
}

bool Queue::renew_locked(const std::string& lease) {
  if (!store_.lent(lease)) return false;
  leases_[lease] = Clock::now() + lease_time_;
  return true;
}

/// While it is written, somebody else may have got the job: what has come too late must not be among their files.
bool Queue::take_file(const std::string& lease, const fs::path& name, std::string_view bytes) {
  const auto job = store_.lent(lease);
  if (!job) return false;
  const fs::path file = folders_.job(job->id) / name;
  const Incoming incoming{folders_.job(job->id) / (kIncoming + new_id())};
  write_file_atomically(incoming.path, bytes);
  fs::create_directories(file.parent_path());
  {
    const std::lock_guard lock(mutex_);
    if (!renew_locked(lease)) return false;
    fs::rename(incoming.path, file);
  }
  sync_names(file.parent_path());
  return true;
}

std::optional<Job> Queue::end_lease(const std::string& lease) {
  auto job = store_.lent(lease);
  return job && store_.end_lease(lease) ? job : std::nullopt;
}

bool Queue::finish_lent(const std::string& lease) {
  std::unique_lock lock(mutex_);
  const auto job = end_lease(lease);
  if (!job) return false;
  running_[job->id];
  lock.unlock();
  complete(*job, [&] {
    if (!fs::exists(final_weights(folders_, job->id))) throw DataError("the machine that trained it sent no weights");
    publish(*job);
  });
  lock.lock();
  put_down(job->id);
  return true;
}

bool Queue::fail_lent(const std::string& lease, const std::string& error) {
  const auto job = end_lease(lease);
  if (job) complete(*job, [&] { throw RuntimeFailure("{}", error); });
  return job.has_value();
}

bool Queue::take_back(const std::string& lease) {
  const auto job = end_lease(lease);
  if (!job) return false;
  put_away(*job);
  wake();
  return true;
}

/// Looks after jobs that no thread here works on.
void Queue::watch() {
  std::unique_lock lock(mutex_);
  while (!stopping()) {
    lock.unlock();
    try {
      end_lost_leases();
      settle();
    } catch (const std::exception& error) {
      log()->error("[serve] {}", error.what());
    }
    lock.lock();
    changed_.wait_for(lock, kWatchEvery, [this] { return stopping(); });
  }
}

void Queue::end_lost_leases() {
  std::vector<Job> lost;
  {
    const std::lock_guard lock(mutex_);
    const auto now = Clock::now();
    const std::vector<std::string> lent = store_.leases();
    std::erase_if(leases_,
                  [&](const auto& each) { return std::find(lent.begin(), lent.end(), each.first) == lent.end(); });
    for (const std::string& lease : lent) {
      if (leases_.try_emplace(lease, now + lease_time_).first->second > now) continue;
      if (auto job = end_lease(lease)) lost.push_back(*std::move(job));
    }
  }
  for (const Job& job : lost) {
    log()->warn("[serve] job {}: nothing was heard from its machine for {} s", job.id, lease_time_.count());
    put_away(job);
  }
  if (!lost.empty()) wake();
}

/// When there is room on the disk again, above all.
void Queue::settle() {
  std::set<std::string> jobs;
  {
    const std::lock_guard lock(unsettled_mutex_);
    jobs = unsettled_;
  }
  for (const std::string& id : jobs) {
    const std::lock_guard lock(mutex_);
    const auto job = store_.job(id);
    const bool is_worked_on = !job || job->is_lent || running_.contains(id);  // it was cancelled and resumed
    if (!is_worked_on && store_.requeue(id)) log()->info("[serve] job {}: interrupted, queued again", id);
    const std::lock_guard settled(unsettled_mutex_);
    unsettled_.erase(id);
  }
  if (!jobs.empty()) wake();
}

bool Queue::train(const Job& job, const std::stop_token& stop) {
  const fs::path run = folders_.run(job.id);
  if (!wait_until_free(run, stop)) return false;
  if (fs::exists(final_weights(folders_, job.id))) return true;
  log()->info("[serve] job {}: {} ({}, {}, {} threads)", job.id,
              goes_on(folders_, job.id) ? "resuming training" : "training", job.preset,
              length_text(job.minutes, job.steps), threads_);
  const int code =
      run_(train_arguments(folders_, job.id, {fmt::format("run.threads={}", threads_)}), folders_.log(job.id), stop);
  if (stop.stop_requested() || was_told_to_end(code)) return false;
  if (code != 0) throw RuntimeFailure("{}", command_failure("training", code, folders_.log(job.id)));
  return true;
}

void Queue::publish(const Job& job) {
  if (!store_.begin_publishing(job.id)) return;
  log()->info("[serve] job {}: publishing", job.id);
  const fs::path style = folders_.style(job.id);
  const std::string name = slug(job.name);
  // The same name with a different picture is a different style.
  const std::string picture = file_sha256(style).substr(0, 8);
  const Publication publication{.id = job.id,
                                .name = job.name,
                                .style = name.empty() ? picture : name + "-" + picture,
                                .preset = job.preset,
                                .job_id = job.id,
                                .weights = final_weights(folders_, job.id),
                                .style_picture = style,
                                .held_out_total = last_validation(folders_.metrics(job.id))};
  if (!publisher_.publish(publication)) return;
  log()->info("[serve] job {}: done", job.id);
  maker_.wake();
}

/// All at once, with their weights and style pictures; their files follow.
void Queue::publish_shipped(const std::vector<ShippedModel>& shipped) {
  std::map<fs::path, fs::path> small_pictures;
  for (const ShippedModel& model : shipped) {
    if (stopping()) return;
    const std::string id = model.style + "-" + model.net;
    try {
      if (store_.was_shipped(id)) continue;
      fs::path& small = small_pictures[model.style_picture];
      if (small.empty() && !model.style_picture.empty()) {
        small = folders_.making() / ("style-" + model.style + ".jpg");
        publisher_.small_picture(model.style_picture, small);
      }
      if (publisher_.publish({.id = id,
                              .name = title(model.style),
                              .style = model.style,
                              .preset = model.net,
                              .job_id = {},
                              .weights = model.weights,
                              .style_picture = model.style_picture,
                              .held_out_total = last_validation(model.metrics),
                              .small_style_picture = small}))
        log()->info("[serve] model {}: published", id);
    } catch (const Error& error) {
      if (!stopping()) log()->error("[serve] model {}: {}", id, error.what());
    }
  }
  if (!stopping()) maker_.start();
}

}  // namespace pocketstyle::serve
