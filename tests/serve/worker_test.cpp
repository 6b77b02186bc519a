// SPDX-License-Identifier: Apache-2.0
// A worker and a server that does not do what a worker hopes for.
#include "pocketstyle/serve/worker.h"

#include "serve/http.h"
#include "support/catch.h"
#include "support/temp_dir.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"

#include <atomic>
#include <csignal>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

using namespace pocketstyle;
using namespace pocketstyle::serve;
using pocketstyle::testing::contains;
using pocketstyle::testing::error_of;
using pocketstyle::testing::TempDir;
namespace fs = std::filesystem;

namespace {

/// Lends one job, once, and takes what comes; `answers` says what else happens, by the last part of a path.
struct Lender {
  TempDir folder;
  std::map<std::string, std::function<HttpReply(const HttpRequest&)>> answers;
  std::atomic<int> renewals{0};
  std::atomic<bool> is_lent{false}, has_ended{false};
  std::string result, reason;  ///< how the worker says that it ended
  std::function<int(const fs::path& run, const std::stop_token& stop)> train = [](const fs::path& run,
                                                                                  const std::stop_token&) {
    write_file_atomically(run / "final.safetensors", "weights");
    return 0;
  };
  std::stop_source stop;
  HttpServer server{"127.0.0.1", 0, {}, [this](const HttpRequest& request) { return reply(request); }};
  std::jthread thread{[this] { server.serve(); }};
  ~Lender() { server.stop(); }

  HttpReply reply(const HttpRequest& request) {
    const std::string name = request.path.substr(request.path.rfind('/') + 1);
    if (const auto answer = answers.find(name); answer != answers.end()) return answer->second(request);
    if (name == "leases") {
      if (is_lent.exchange(true)) return {204, {}, {}};
      return {200, "application/json", R"({"lease":"abc","job":{"id":"j"},"config":"","files":[]})"};
    }
    if (name == "style.jpg") return {200, "image/jpeg", "picture"};
    renewals += name == "renew";
    const std::string body = request.body(1000);
    if (name == "end") {
      result = request.query.at("result");
      reason = body;
      has_ended = true;
      stop.request_stop();
    }
    return {204, {}, {}};
  }

  WorkerOptions options() {
    fs::create_directories(folder / "photos");
    write_file_atomically(folder / "token", "0123456789abcdef0123");
    write_file_atomically(folder / "config.yaml", "data: {train: photos}\nstyle: {image: style.jpg}\n");
    return {fmt::format("http://127.0.0.1:{}", server.port()), folder / "token", folder / "data",
            folder / "config.yaml", "tester"};
  }

  /// Until the worker says that the job ended, for half a minute at most.
  void work() {
    Worker worker(options(),
                  [this](const std::vector<std::string>& arguments, const fs::path& log, const std::stop_token& told) {
                    write_file_atomically(log, "pocketstyle: it says why\n");
                    fs::path run;
                    for (const std::string& argument : arguments)
                      if (argument.starts_with("run.folder=")) run = argument.substr(11);
                    return train(run, told);
                  });
    std::jthread patience([this](const std::stop_token& over) {
      for (int i = 0; i < 3000 && !over.stop_requested(); ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
      if (!over.stop_requested()) stop.request_stop();
    });
    worker.work(stop.get_token());
    CHECK(fs::is_empty(folder / "data/jobs"));
  }
};

}  // namespace

TEST_CASE("a worker renews its lease while it sends a file", "[serve]") {
  Lender lender;
  std::atomic<int> before{0}, meanwhile{0};
  lender.answers["step-00000001.safetensors"] = [&](const HttpRequest& request) -> HttpReply {
    before = lender.renewals.load();
    request.body(1000);
    for (int i = 0; i < 1000 && lender.renewals < before + 2; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    meanwhile = lender.renewals - before;
    return {204, {}, {}};
  };
  lender.train = [&](const fs::path& run, const std::stop_token& stop) {
    write_file_atomically(run / "checkpoints/step-00000001.safetensors", "1");
    while (meanwhile == 0 && !stop.stop_requested()) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    write_file_atomically(run / "final.safetensors", "weights");
    return 0;
  };
  lender.work();
  CHECK(meanwhile == 2);
  CHECK(lender.result == "done");
}

TEST_CASE("a file that is too large for the way to the server fails its job", "[serve]") {
  Lender lender;
  lender.answers["final.safetensors"] = [](const HttpRequest&) -> HttpReply { return {413, "text/html", "<html>"}; };
  lender.work();
  CHECK(lender.result == "failed");
  CHECK(contains(lender.reason, "final.safetensors: the server, or a proxy in front of it, takes no file of 7 bytes"));
}

TEST_CASE("a job that a worker cannot fetch goes back at once", "[serve]") {
  Lender lender;
  lender.answers["style.jpg"] = [](const HttpRequest&) -> HttpReply { return {500, "text/plain", "no"}; };
  lender.work();
  CHECK(lender.result == "stopped");
}

TEST_CASE("a training that is told to end goes back, one that fails does not", "[serve]") {
  Lender told, failed, killed;
  told.train = [](const fs::path&, const std::stop_token&) { return 128 + SIGTERM; };
  told.work();
  CHECK(told.result == "stopped");
  failed.train = [](const fs::path&, const std::stop_token&) { return 3; };
  failed.work();
  CHECK(failed.result == "failed");
  CHECK(failed.reason == "training failed with exit code 3: pocketstyle: it says why");
  killed.train = [](const fs::path&, const std::stop_token&) { return 128 + SIGKILL; };
  killed.work();
  CHECK(killed.reason == "training was ended by signal 9 (Killed): most likely, memory ran out");
}

TEST_CASE("a server that has trouble is told again how a training ended", "[serve]") {
  Lender lender;
  std::atomic<int> asked{0};
  lender.answers["final.safetensors"] = [&](const HttpRequest& request) -> HttpReply {
    request.body(1000);
    return ++asked == 1 ? HttpReply{500, "text/plain", "the disk is full"} : HttpReply{204, {}, {}};
  };
  lender.work();
  CHECK(asked == 2);
  CHECK(lender.result == "done");
}

TEST_CASE("a job that is lent no longer is stopped", "[serve]") {
  Lender lender;
  std::atomic<bool> stopped{false};
  lender.answers["renew"] = [](const HttpRequest&) -> HttpReply { return {404, {}, {}}; };
  lender.train = [&](const fs::path&, const std::stop_token& stop) {
    while (!stop.stop_requested()) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    stopped = true;
    lender.stop.request_stop();
    return 128 + SIGTERM;
  };
  lender.work();
  CHECK(stopped);
  CHECK_FALSE(lender.has_ended);
}

TEST_CASE("a worker says why it cannot work", "[serve]") {
  Lender lender;
  const auto work = [&] { lender.work(); };
  for (const auto& [status, says] : std::map<int, const char*>{{401, "refuses the token"}, {308, "https://"}}) {
    lender.answers["leases"] = [status](const HttpRequest&) -> HttpReply { return {status, {}, {}}; };
    CHECK(contains(error_of(work), says));
  }
  WorkerOptions options = lender.options();
  write_file_atomically(options.config, "data: {train: nowhere}\nstyle: {image: style.jpg}\n");
  CHECK(contains(error_of([&] { const Worker worker(options, {}); }), "nowhere is not there"));
}
