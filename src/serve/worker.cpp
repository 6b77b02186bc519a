// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/serve/worker.h"

#include "serve/api_json.h"
#include "serve/auth.h"
#include "serve/folders.h"
#include "serve/http_client.h"
#include "serve/training.h"

#include "pocketstyle/config/load.h"
#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"
#include "pocketstyle/core/log.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <thread>
#include <utility>

namespace pocketstyle::serve {
namespace fs = std::filesystem;
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds kBetweenReports{2000}, kMostBetweenReports{30'000}, kBetweenAsking{3000},
    kPoll{100};
constexpr int kRestForWork = 4;  // a line that is slow is not busy all the time

constexpr int kLent = 200, kRefused = 401, kLost = 404, kTooLarge = 413;  // statuses
constexpr int kRedirects = 3;                                             // the first digit

/// A file of a run that can never be sent.
class TooLarge : public DataError {
 public:
  using DataError::DataError;
};

/// Sleeps, but not longer than until it is stopped.
void rest(std::chrono::milliseconds time, const std::function<bool()>& stops) {
  for (const auto until = Clock::now() + time; Clock::now() < until && !stops();) std::this_thread::sleep_for(kPoll);
}

/// A job that the server has lent. Its folder has the lease's name: of an earlier lease of the same job, a process may
/// still be ending.
class LentJob {
 public:
  LentJob(const HttpClient& server, const Json& lent, const fs::path& data, const std::vector<std::string>& settings)
      : server_(server),
        lease_(lent.at("lease").get<std::string>()),
        path_(fmt::format("{}/leases/{}", kApi, lease_)),
        id_(lent.at("job").at("id").get<std::string>()),
        folders_{data},
        settings_(settings) {
    if (fs::path(lease_).filename() != lease_) throw DataError("{}: the lease has no valid name", server_.url());
  }
  ~LentJob() { remove_folder(folders_.job(lease_)); }
  LentJob(const LentJob&) = delete;
  LentJob& operator=(const LentJob&) = delete;

  /// Gets what it is trained from.
  void fetch_all(const Json& lent) {
    fs::create_directories(folders_.run(lease_));
    write_file_atomically(folders_.config(lease_), lent.at("config").get<std::string>());
    fetch("style.jpg", folders_.style(lease_));
    for (const std::string name : lent.at("files")) {
      if (!is_run_file(name)) throw DataError("{}: names a file outside of a run: {}", server_.url(), name);
      fetch("run/" + name, file_in_run(name));
    }
    for (auto& [name, state] : changed_files()) sent_[name] = state;
  }

  [[nodiscard]] const std::string& id() const { return id_; }
  [[nodiscard]] bool goes_on() const { return serve::goes_on(folders_, lease_); }

  [[nodiscard]] std::vector<std::string> command() const { return train_arguments(folders_, lease_, settings_); }
  [[nodiscard]] fs::path log() const { return folders_.log(lease_); }

  /// Tells the server that it is still worked on. False if the job is lent no longer.
  bool renew() { return still_lent(server_.send("POST", path_ + "/renew")); }

  /// Sends what the run wrote since the last time. False if the job is lent no longer.
  bool send_changes() {
    for (const auto& [name, state] : changed_files()) {
      const fs::path file = file_in_run(name);
      std::error_code gone;
      if (!fs::exists(file, gone)) continue;  // the run removes old checkpoints
      const ClientReply reply =
          server_.send("POST", path_ + "/files/run/" + name, read_file(file), "application/octet-stream");
      if (reply.status == kTooLarge)
        throw TooLarge("{}: the server, or a proxy in front of it, takes no file of {} bytes", name, state.first);
      if (!still_lent(reply)) return false;
      sent_[name] = state;
    }
    return true;
  }

  /// "done", "failed" with a reason, or "stopped": it goes back.
  bool end(const std::string& how, const std::string& error = {}) {
    return still_lent(server_.send("POST", path_ + "/end?result=" + how, error, "text/plain"));
  }

 private:
  using State = std::pair<std::uintmax_t, fs::file_time_type>;

  fs::path file_in_run(const std::string& name) const { return folders_.run(lease_) / name; }

  void fetch(const std::string& name, const fs::path& file) const {
    const ClientReply reply = server_.send("GET", path_ + "/files/" + name);
    if (reply.status != 200) throw DataError("{}: {} of a job: status {}", server_.url(), name, reply.status);
    write_file_atomically(file, reply.body);
  }

  bool still_lent(const ClientReply& reply) const {
    if (reply.status == kLost) return false;
    if (reply.status == kRefused) throw UsageError("{}: refuses the token", server_.url());
    if (reply.status / 100 != 2)
      throw DataError("{}: status {}: {}", server_.url(), reply.status, first_line(reply.body));
    return true;
  }

  /// What differs from what the server has. Checkpoints come after the metrics that belong to them, and the final
  /// weights last: with them the run is complete.
  std::vector<std::pair<std::string, State>> changed_files() const {
    std::vector<std::pair<std::string, State>> changed;
    const fs::path run = folders_.run(lease_);
    for (const auto& entry : fs::recursive_directory_iterator(run)) {
      const fs::path name = entry.path().lexically_relative(run);
      std::error_code error;  // the run removes files meanwhile
      if (!entry.is_regular_file(error) || !is_run_file(name)) continue;
      const State state{entry.file_size(error), entry.last_write_time(error)};
      const auto sent = sent_.find(name.string());
      if (!error && (sent == sent_.end() || sent->second != state)) changed.emplace_back(name.string(), state);
    }
    const auto turn = [](const std::string& name) {
      return name == run::kFinalWeightsName ? 2 : name.starts_with(run::kCheckpointsFolder) ? 1 : 0;
    };
    std::ranges::stable_sort(changed, {}, [&](const auto& each) { return turn(each.first); });
    return changed;
  }

  const HttpClient& server_;
  std::string lease_, path_, id_;
  Folders folders_;
  const std::vector<std::string>& settings_;
  std::map<std::string, State> sent_;
};

/// Gets what a job needs. False if that fails; then it is given back, since another machine may be able to.
bool is_fetched(LentJob& job, const Json& lent) {
  try {
    job.fetch_all(lent);
    return true;
  } catch (const std::exception& error) {
    log()->warn("[worker] job {}: {}", job.id(), error.what());
  }
  try {
    job.end("stopped");
  } catch (const Error& error) {
    log()->warn("[worker] job {}: {}", job.id(), error.what());
  }
  return false;
}

/// Calls `report` again and again until it is over. A server that is away for a while is no reason to stop. If the job
/// is lent no longer, calls `lose` instead.
void report_regularly(const std::stop_token& over, const std::function<bool()>& report,
                      const std::function<void()>& lose) {
  for (auto pause = kBetweenReports;;) {
    rest(pause, [&] { return over.stop_requested(); });
    if (over.stop_requested()) return;
    const auto begin = Clock::now();
    try {
      if (!report()) return lose();
    } catch (const std::exception& error) {
      log()->warn("[worker] {}", error.what());
    }
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin);
    pause = std::clamp(kRestForWork * took, kBetweenReports, kMostBetweenReports);
  }
}

/// Tells the server how it ended, until the server has heard it: it may be starting again, and what was trained is not
/// thrown away.
void report_end(LentJob& job, std::string result, std::string failure, const std::stop_token& stop) {
  while (true) {
    try {
      const bool kept = job.renew() && (result == "failed" || job.send_changes()) && job.end(result, failure);
      log()->info("[worker] job {}: {}", job.id(),
                  !kept                 ? "was lost"
                  : result == "stopped" ? "given back"
                  : result == "done"    ? "done"
                                        : failure);
      return;
    } catch (const UsageError&) {
      throw;  // the token
    } catch (const TooLarge& error) {
      result = "failed";
      failure = error.what();
      continue;
    } catch (const std::exception& error) {
      log()->warn("[worker] {}", error.what());
    }
    if (stop.stop_requested()) return;  // the lease ends by itself
    rest(kBetweenAsking, [&] { return stop.stop_requested(); });
  }
}

/// Trains it while the server is told how it goes.
void train(LentJob& job, const RunProgram& run, const std::stop_token& stop) {
  std::stop_source training;
  const std::stop_callback pass_on(stop, [&] { training.request_stop(); });
  std::atomic<bool> lost{false};
  const auto lose = [&] {
    lost = true;
    training.request_stop();
  };
  // Two threads, since sending a file may take longer than the lease.
  const std::jthread renewer([&](const std::stop_token& over) {
    report_regularly(
        over, [&] { return job.renew(); }, lose);
  });
  std::jthread sender([&](const std::stop_token& over) {
    report_regularly(
        over, [&] { return job.send_changes(); }, lose);
  });
  log()->info("[worker] job {}: training{}", job.id(), job.goes_on() ? ", goes on from a checkpoint" : "");
  int code = 0;
  std::string failure;
  try {
    code = run(job.command(), job.log(), training.get_token());
  } catch (const Error& error) {
    failure = error.what();
  }
  sender.request_stop();
  sender.join();
  if (lost) {
    log()->warn("[worker] job {}: the server has lent it to somebody else, or it was cancelled", job.id());
    return;
  }
  const bool stopped = stop.stop_requested() || was_told_to_end(code);
  if (failure.empty() && code != 0 && !stopped) failure = command_failure("training", code, job.log());
  report_end(job, stopped ? "stopped" : failure.empty() ? "done" : "failed", failure, stop);
}

}  // namespace

Worker::Worker(WorkerOptions options, RunProgram run) : options_(std::move(options)), run_(std::move(run)) {
  HttpClient(options_.url, token_in(options_.token_file));
  const config::DataConfig data = config::load_config(options_.config).data;
  std::error_code error;
  if (!fs::is_directory(data.train, error))
    throw UsageError("{}: data.train: {} is not there; expected this machine's photos", options_.config.string(),
                     data.train.string());
  settings_.push_back("data.train=" + data.train.string());
  if (!data.held_out.empty()) settings_.push_back("data.held_out=" + data.held_out.string());
  if (fs::exists(Folders{options_.data}.database()))  // its jobs would be taken for those of a worker that was killed
    throw UsageError("{}: is a server's data folder; expected another --data for the worker", options_.data.string());
  fs::create_directories(options_.data, error);
  if (error) throw DataError("{}: cannot create the folder: {}", options_.data.string(), error.message());
}

void Worker::work(const std::stop_token& stop) {
  const FolderLock lock(options_.data);
  const HttpClient server(options_.url, token_in(options_.token_file));
  const Folders folders{fs::absolute(options_.data)};
  remove_folder(folders.jobs());  // of a worker that was killed
  folders.make();
  while (!stop.stop_requested()) {
    try {
      const ClientReply reply = server.send("POST", fmt::format("{}/leases?worker={}", kApi, options_.name));
      if (reply.status == kRefused) throw UsageError("{}: refuses the token", server.url());
      if (reply.status / 100 == kRedirects)
        throw UsageError("{}: is redirected to another address; expected that one, such as https:// for http://",
                         server.url());
      if (reply.status == kLent) {
        const Json lent = Json::parse(reply.body);
        LentJob job(server, lent, fs::absolute(options_.data), settings_);
        if (is_fetched(job, lent)) {
          train(job, run_, stop);
          continue;
        }
      } else if (reply.status / 100 != 2) {
        log()->warn("[worker] {}: status {}: {}", server.url(), reply.status, first_line(reply.body));
      }
    } catch (const UsageError&) {
      throw;
    } catch (const Json::exception&) {
      log()->warn("[worker] {}: the reply cannot be read", server.url());
    } catch (const std::exception& error) {
      log()->warn("[worker] {}", error.what());
    }
    rest(kBetweenAsking, [&] { return stop.stop_requested(); });
  }
}

}  // namespace pocketstyle::serve
