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

/// Sleeps, but not longer than until it is stopped.
void rest(std::chrono::milliseconds time, const std::function<bool()>& stops) {
  for (const auto until = Clock::now() + time; Clock::now() < until && !stops();) std::this_thread::sleep_for(kPoll);
}

/// A job that the server has lent. Its folder has the lease's name: of an earlier lease of the same job, a process may
/// still be ending.
class LentJob {
 public:
  LentJob(const HttpClient& server, const Json& lent, const fs::path& data, const WorkerOptions& options)
      : server_(server),
        lease_(lent.at("lease").get<std::string>()),
        path_(fmt::format("{}/leases/{}", kApi, lease_)),
        id_(lent.at("job").at("id").get<std::string>()),
        folders_{data},
        options_(options) {
    if (fs::path(lease_).filename() != lease_) throw DataError("{}: the lease has no valid name", server_.url());
    fs::create_directories(folders_.run(lease_));
    write_file_atomically(folders_.config(lease_), lent.at("config").get<std::string>());
    fetch("style.jpg", folders_.style(lease_));
    for (const std::string name : lent.at("files")) {
      if (!is_run_file(name)) throw DataError("{}: names a file outside of a run: {}", server_.url(), name);
      fetch("run/" + name, file_in_run(name));
    }
    for (auto& [name, state] : changed_files()) sent_[name] = state;
  }
  ~LentJob() { remove_folder(folders_.job(lease_)); }
  LentJob(const LentJob&) = delete;
  LentJob& operator=(const LentJob&) = delete;

  [[nodiscard]] const std::string& id() const { return id_; }
  [[nodiscard]] bool goes_on() const { return serve::goes_on(folders_, lease_); }

  std::vector<std::string> command() const {
    const config::Config own = config::load_config(options_.config);
    std::vector<std::string> settings = {"data.train=" + own.data.train.string()};
    if (!own.data.held_out.empty()) settings.push_back("data.held_out=" + own.data.held_out.string());
    return train_arguments(folders_, lease_, settings);
  }
  [[nodiscard]] fs::path log() const { return folders_.log(lease_); }

  /// Tells the server that it is still worked on. False if the job is lent no longer.
  bool renew() { return still_lent(server_.send("POST", path_ + "/renew")); }

  /// Sends what the run wrote since the last time. False if the job is lent no longer.
  bool send_changes() {
    for (const auto& [name, state] : changed_files()) {
      const fs::path file = file_in_run(name);
      std::error_code gone;
      if (!fs::exists(file, gone)) continue;  // the run removes old checkpoints
      if (!still_lent(server_.send("POST", path_ + "/files/run/" + name, read_file(file), "application/octet-stream")))
        return false;
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
    constexpr int kLost = 404;
    if (reply.status == kLost) return false;
    if (reply.status / 100 != 2)
      throw DataError("{}: status {}: {}", server_.url(), reply.status, first_line(reply.body));
    return true;
  }

  /// What differs from what the server has. Checkpoints come after the metrics that belong to them, and the final
  /// weights last: with them the run is complete.
  std::vector<std::pair<std::string, State>> changed_files() const {
    std::vector<std::pair<std::string, State>> changed;
    const fs::path run = folders_.run(lease_);
    std::error_code error;
    for (const auto& entry : fs::recursive_directory_iterator(run, error)) {
      const fs::path name = entry.path().lexically_relative(run);
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
  const WorkerOptions& options_;
  std::map<std::string, State> sent_;
};

/// Trains it while the server is told how it goes. A server that is away for a while is no reason to stop.
void train(LentJob& job, const RunProgram& run, const std::stop_token& stop) {
  std::stop_source training;
  const std::stop_callback pass_on(stop, [&] { training.request_stop(); });
  std::atomic<bool> ended{false}, lost{false};
  const auto report = [&] {
    try {
      return job.renew() && job.send_changes();
    } catch (const Error& error) {
      log()->warn("[worker] {}", error.what());
      return true;
    }
  };
  std::jthread reporter([&] {
    auto pause = kBetweenReports;
    while (!ended && !lost) {
      rest(pause, [&] { return ended.load(); });
      const auto begin = Clock::now();
      if (ended || report()) {
        const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin);
        pause = std::clamp(kRestForWork * took, kBetweenReports, kMostBetweenReports);
        continue;
      }
      lost = true;
      training.request_stop();
    }
  });
  log()->info("[worker] job {}: training{}", job.id(), job.goes_on() ? ", goes on from a checkpoint" : "");
  int code = 0;
  std::string failure;
  try {
    code = run(job.command(), job.log(), training.get_token());
  } catch (const Error& error) {
    failure = error.what();
  }
  ended = true;
  reporter.join();
  if (lost) {
    log()->warn("[worker] job {}: the server has lent it to somebody else, or it was cancelled", job.id());
    return;
  }
  const bool stopped = stop.stop_requested();
  if (failure.empty() && code != 0 && !stopped) failure = training_failure(code, job.log());
  // The server may be starting again: what was trained is not thrown away.
  while (true) {
    try {
      const bool kept = job.renew() && job.send_changes() &&
                        job.end(stopped           ? "stopped"
                                : failure.empty() ? "done"
                                                  : "failed",
                                failure);
      log()->info("[worker] job {}: {}", job.id(),
                  !kept             ? "was lost"
                  : stopped         ? "given back"
                  : failure.empty() ? "done"
                                    : failure);
      return;
    } catch (const Error& error) {
      log()->warn("[worker] {}", error.what());
      if (stop.stop_requested()) return;  // the lease ends by itself
      rest(kBetweenAsking, [&] { return stop.stop_requested(); });
    }
  }
}

}  // namespace

Worker::Worker(WorkerOptions options, RunProgram run) : options_(std::move(options)), run_(std::move(run)) {
  HttpClient(options_.url, token_in(options_.token_file));
  config::load_config(options_.config);
  if (fs::exists(Folders{options_.data}.database()))  // its jobs would be taken for those of a worker that was killed
    throw UsageError("{}: is a server's data folder; expected another --data for the worker", options_.data.string());
  std::error_code error;
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
    constexpr int kLent = 200, kRefused = 401;
    try {
      const ClientReply reply = server.send("POST", fmt::format("{}/leases?worker={}", kApi, options_.name));
      if (reply.status == kRefused) throw UsageError("{}: refuses the token", server.url());
      if (reply.status == kLent) {
        LentJob job(server, Json::parse(reply.body), fs::absolute(options_.data), options_);
        train(job, run_, stop);
        continue;
      }
      if (reply.status / 100 != 2)
        log()->warn("[worker] {}: status {}: {}", server.url(), reply.status, first_line(reply.body));
    } catch (const DataError& error) {
      log()->warn("[worker] {}", error.what());
    } catch (const Json::exception&) {
      log()->warn("[worker] {}: the reply cannot be read", server.url());
    }
    rest(kBetweenAsking, [&] { return stop.stop_requested(); });
  }
}

}  // namespace pocketstyle::serve
