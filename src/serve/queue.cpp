// SPDX-License-Identifier: Apache-2.0
#include "serve/queue.h"

#include "serve/ids.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"
#include "pocketstyle/core/log.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <system_error>

namespace pocketstyle::serve {
namespace fs = std::filesystem;
namespace {

constexpr auto kLockPoll = std::chrono::milliseconds(100);
constexpr auto kAfterTrouble = std::chrono::seconds(5);  // before a job is tried again that the store refused to take

/// The weights that a run ends with: it is done when they are there.
fs::path final_weights(const Folders& folders, const std::string& id) {
  return folders.run(id) / run::kFinalWeightsName;
}

/// Waits until no process writes to the folder: a training whose server was killed ends at its next step.
/// False if it was stopped first.
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

/// Stopped by one of the signals that end a program on request. A terminal sends them to all its processes.
bool was_told_to_end(int code) {
  return code == 128 + SIGINT || code == 128 + SIGTERM;
}

std::optional<double> last_validation(const fs::path& metrics_file) {
  MetricsReader metrics(metrics_file);
  metrics.refresh();
  return metrics.validation().empty() ? std::nullopt : std::optional(metrics.validation().back().total);
}

}  // namespace

Queue::Queue(Store& store, Folders folders, ProgressBoard& board, Publisher& publisher, RunProgram run, int jobs)
    : store_(store),
      folders_(std::move(folders)),
      board_(board),
      publisher_(publisher),
      run_(std::move(run)),
      concurrency_(jobs),
      threads_(std::max(1, static_cast<int>(std::thread::hardware_concurrency()) / jobs)) {}

Queue::~Queue() {
  stop();
}

void Queue::start(std::vector<ShippedModel> shipped) {
  store_.requeue_all();
  publisher_.sweep();
  sweep_jobs();
  for (int i = 0; i < concurrency_; ++i) threads_of_work_.emplace_back([this] { work(); });
  threads_of_work_.emplace_back([this, shipped = std::move(shipped)] { publish_shipped(shipped); });
}

/// Folders of jobs that have no row: an upload that was cut off, a job that was removed.
void Queue::sweep_jobs() const {
  for (const auto& entry : fs::directory_iterator(folders_.jobs()))
    if (!store_.job(entry.path().filename().string())) remove_folder(entry.path());
}

void Queue::wake() {
  { const std::lock_guard lock(mutex_); }
  changed_.notify_all();
}

bool Queue::cancel(const std::string& id) {
  if (!store_.cancel(id)) return false;
  log()->info("[serve] job {}: cancelled", id);
  const std::lock_guard lock(mutex_);
  if (const auto found = running_.find(id); found != running_.end()) found->second.request_stop();
  return true;
}

bool Queue::remove(const std::string& id) {
  if (!store_.remove_job(id)) return false;
  const std::lock_guard lock(mutex_);
  if (!running_.contains(id)) remove_folder(folders_.job(id));  // else when its process has ended
  return true;
}

void Queue::stop() {
  {
    const std::lock_guard lock(mutex_);
    stop_.request_stop();
    for (auto& [id, job] : running_) job.request_stop();
  }
  changed_.notify_all();
  threads_of_work_.clear();
}

void Queue::work() {
  std::unique_lock lock(mutex_);
  while (!stopping()) {
    std::optional<Job> job;
    bool trouble = false;
    try {
      std::vector<std::string> busy;  // cancelled and queued again while their processes are still ending
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
    running_.erase(job->id);
    try {
      if (!store_.job(job->id)) remove_folder(folders_.job(job->id));
    } catch (const Error& error) {
      log()->error("[serve] job {}: {}", job->id, error.what());
    }
    changed_.notify_all();
  }
}

void Queue::run(const Job& job, const std::stop_token& stop) {
  board_.open(job.id);
  try {
    try {
      if (train(job, stop)) publish(job, stop);
    } catch (const fs::filesystem_error& error) {
      throw DataError("{}", error.what());
    }
  } catch (const Error& error) {
    log()->error("[serve] job {}: {}", job.id, error.what());
    try {
      store_.fail(job.id, first_line(error.what()));
    } catch (const Error& worse) {
      log()->error("[serve] job {}: {}", job.id, worse.what());  // the next start finds it as it stands
    }
  }
  try {
    // Whatever it is now, it is not running: what it was is kept with it.
    store_.save_progress(job.id, to_json(board_.progress(job)));
    if (store_.requeue(job.id)) log()->info("[serve] job {}: interrupted, queued again", job.id);
  } catch (const Error& error) {
    log()->error("[serve] job {}: {}", job.id, error.what());
  }
  board_.close(job.id);
}

bool Queue::train(const Job& job, const std::stop_token& stop) {
  const fs::path run = folders_.run(job.id);
  if (!wait_until_free(run, stop)) return false;
  if (fs::exists(final_weights(folders_, job.id))) return true;
  std::vector<std::string> arguments = {
      "train", folders_.config(job.id).string(), "--set", "style.image=" + folders_.style(job.id).string(),
      "--set", "run.folder=" + run.string(),     "--set", fmt::format("run.threads={}", threads_)};
  const bool goes_on = !run::list_checkpoints(run).empty();
  if (goes_on) arguments.insert(arguments.end(), {"--resume", run.string()});
  log()->info("[serve] job {}: {} ({}, {} steps, {} threads)", job.id, goes_on ? "training goes on" : "training",
              job.preset, job.steps, threads_);
  const int code = run_(arguments, folders_.log(job.id), stop);
  if (stop.stop_requested() || was_told_to_end(code)) return false;
  if (code != 0) throw RuntimeFailure("training ended with exit code {}: {}", code, last_words(folders_.log(job.id)));
  return true;
}

void Queue::publish(const Job& job, const std::stop_token& stop) {
  if (!store_.begin_publishing(job.id)) return;
  log()->info("[serve] job {}: publishing", job.id);
  const fs::path style = folders_.style(job.id);
  const std::string name = slug(job.name);
  // The same name for another picture is another style.
  const std::string picture = file_sha256(style).substr(0, 8);
  const Publication publication{.id = job.id,
                                .name = job.name,
                                .style = name.empty() ? picture : name + "-" + picture,
                                .preset = job.preset,
                                .job_id = job.id,
                                .weights = final_weights(folders_, job.id),
                                .style_picture = style,
                                .held_out_total = last_validation(folders_.metrics(job.id)),
                                .log = folders_.log(job.id)};
  if (publisher_.publish(publication, stop)) log()->info("[serve] job {}: done", job.id);
}

void Queue::publish_shipped(const std::vector<ShippedModel>& shipped) {
  for (const ShippedModel& model : shipped) {
    if (stopping()) return;
    const std::string id = model.style + "-" + model.net;
    try {
      if (store_.was_shipped(id)) continue;
      const Publication publication{.id = id,
                                    .name = title(model.style),
                                    .style = model.style,
                                    .preset = model.net,
                                    .job_id = {},
                                    .weights = model.weights,
                                    .style_picture = model.style_picture,
                                    .held_out_total = last_validation(model.metrics),
                                    .log = folders_.data / "shipped.log"};
      if (publisher_.publish(publication, stop_.get_token())) log()->info("[serve] model {}: published", id);
    } catch (const Error& error) {
      log()->error("[serve] model {}: {}", id, error.what());
    }
  }
}

}  // namespace pocketstyle::serve
