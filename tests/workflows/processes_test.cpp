// SPDX-License-Identifier: Apache-2.0
#include "support/catch.h"
#include "support/temp_dir.h"
#include "support/variable.h"
#include "workflows/child_process.h"
#include "workflows/join_group.h"
#include "workflows/launcher.h"

#include "pocketstyle/core/files.h"
#include "pocketstyle/workflows/jobs.h"
#include "pocketstyle/workflows/serve.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <thread>

// Child processes run this program again with one of the hidden test cases below.
namespace pocketstyle::workflows {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds, std::chrono::steady_clock;
using testing::contains, testing::error_of, testing::TempDir, testing::Variable;

constexpr const char* kFolder = "POCKETSTYLE_TEST_FOLDER";  // variable: the folder shared by children and tests

fs::path meeting_place() {
  return std::getenv(kFolder);
}
void wait_for(const fs::path& file) {
  for (int i = 0; i < 3000 && !fs::exists(file); ++i) std::this_thread::sleep_for(milliseconds(10));
}
void touch(const fs::path& file) {
  std::ofstream out(file);
}
std::vector<std::string> own_environment() {
  return environment_with({});
}

}  // namespace

TEST_CASE("child: exits with 0", "[.][exit-0]") {
  std::_Exit(0);
}
TEST_CASE("child: exits with 3", "[.][exit-3]") {
  std::_Exit(3);
}
TEST_CASE("child: obeys SIGTERM", "[.][obeys]") {
  touch(meeting_place() / "ready");
  while (true) ::pause();
}
TEST_CASE("child: ignores SIGTERM", "[.][ignores]") {
  std::signal(SIGTERM, SIG_IGN);
  touch(meeting_place() / "ready");
  while (true) ::pause();
}
TEST_CASE("child: writes its variables", "[.][variables]") {
  std::string text;
  for (const char* name : {"RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT"})
    text += std::string(std::getenv(name)) + " ";
  write_file_atomically(meeting_place() / std::getenv("RANK"), text + std::getenv("POCKETSTYLE_STORE"));
  std::_Exit(0);
}
TEST_CASE("child: rank 0 fails, the others ignore SIGTERM", "[.][one-fails]") {
  if (std::string(std::getenv("RANK")) != "0") {
    std::signal(SIGTERM, SIG_IGN);
    touch(meeting_place() / "ready");
    while (true) ::pause();
  }
  wait_for(meeting_place() / "ready");
  std::_Exit(3);
}
TEST_CASE("child: rank 0 is killed, the others obey SIGTERM", "[.][one-killed]") {
  if (std::string(std::getenv("RANK")) == "0") std::raise(SIGKILL);
  while (true) ::pause();
}

TEST_CASE("the worse of two exit codes: a failure's, then a signal's, then 0") {
  CHECK(worse(0, 0) == 0);
  CHECK(worse(0, 143) == 143);
  CHECK(worse(143, 0) == 143);
  CHECK(worse(143, 1) == 1);
  CHECK(worse(1, 143) == 1);
  CHECK(worse(1, 2) == 2);
  CHECK(worse(4, 2) == 4);
  CHECK(worse(143, 137) == 143);  // the first one
}

TEST_CASE("a child's environment is ours with some variables replaced") {
  const Variable mine("POCKETSTYLE_TEST_OTHER", "kept"), rank("RANK", "7");
  const auto all = environment_with({{"RANK", "1"}, {"POCKETSTYLE_STORE", ""}});
  CHECK(std::count(all.begin(), all.end(), "RANK=1") == 1);
  CHECK(std::count(all.begin(), all.end(), "RANK=7") == 0);
  CHECK(std::count(all.begin(), all.end(), "POCKETSTYLE_STORE=") == 1);
  CHECK(std::count(all.begin(), all.end(), "POCKETSTYLE_TEST_OTHER=kept") == 1);
}

TEST_CASE("the launcher's variables are torchrun's") {
  const ProcessOptions options{.machines = 3, .machine = 2, .processes = 4, .address = "10.0.0.1", .store = ""};
  const Variables expected{{"RANK", "9"},
                           {"WORLD_SIZE", "12"},
                           {"LOCAL_RANK", "1"},
                           {"LOCAL_WORLD_SIZE", "4"},
                           {"MASTER_ADDR", "10.0.0.1"},
                           {"MASTER_PORT", "29500"},
                           {"POCKETSTYLE_STORE", "file:///s"}};
  CHECK(variables_of(options, 1, "file:///s") == expected);
}

TEST_CASE("the launcher starts every process with its own variables") {
  const TempDir folder;
  const Variable meeting(kFolder, folder.path().string());
  ProcessOptions options;
  options.processes = 2;
  CHECK(launch({"pocketstyle", "[variables]"}, options, [](int, int, int) {}) == 0);
  const std::string first = read_file(folder / "0"), second = read_file(folder / "1");
  CHECK(contains(first, "0 2 0 2 127.0.0.1 29500 file:///"));
  CHECK(contains(second, "1 2 1 2 127.0.0.1 29500 file:///"));
  CHECK(first.substr(first.find("file")) == second.substr(second.find("file")));  // one store for both
}

TEST_CASE("when a process fails, one that ignores SIGTERM is ended by force") {
  const TempDir folder;
  const Variable meeting(kFolder, folder.path().string());
  ProcessOptions options;
  options.processes = 3;
  options.timeout_s = 1;
  int killed = 0;
  const auto start = steady_clock::now();
  CHECK(launch({"pocketstyle", "[one-fails]"}, options, [&](int, int, int) { ++killed; }) == 3);
  CHECK(steady_clock::now() - start >= milliseconds(900));
  CHECK(killed == 0);  // the launcher itself sent that signal
}

TEST_CASE("a process that somebody else kills is a failure, and named") {
  ProcessOptions options;
  options.processes = 2;
  std::vector<int> killed;
  const int code = launch({"pocketstyle", "[one-killed]"}, options, [&](int rank, int, int signal) {
    killed = {rank, signal};
  });
  CHECK(code == 1);
  CHECK(killed == std::vector<int>{0, SIGKILL});
}

TEST_CASE("a child's exit code, and the file that it prints to") {
  const TempDir folder;
  const Strings environment(own_environment());
  const fs::path log = folder / "log";
  CHECK(run_child(Strings({"pocketstyle", "[exit-3]"}), environment.get(), log, {}) == 3);
  CHECK(fs::exists(log));
  CHECK(error_of([&] {
          run_child(Strings({"pocketstyle"}), environment.get(), folder / "none/log", {});
        }).starts_with("data: "));
}

TEST_CASE("a child that is told to stop, and one that ignores it") {
  const TempDir folder;
  const Variable meeting(kFolder, folder.path().string());
  const Strings environment(own_environment());
  const auto stopped = [&](const char* which, milliseconds grace) {
    fs::remove(folder / "ready");
    std::stop_source stop;
    std::thread stopper([&] {
      wait_for(folder / "ready");
      stop.request_stop();
    });
    const int code =
        run_child(Strings({"pocketstyle", which}), environment.get(), folder / "log", stop.get_token(), grace);
    stopper.join();
    return code;
  };
  CHECK(stopped("[obeys]", milliseconds(20000)) == 128 + SIGTERM);
  CHECK(stopped("[ignores]", milliseconds(300)) == 128 + SIGKILL);
}

TEST_CASE("jobs run in their order, and each one's end is heard of") {
  const TempDir folder;
  const std::vector<Job> jobs{{{"[exit-0]"}, folder / "0"}, {{"[exit-3]"}, folder / "1"}, {{"[exit-0]"}, folder / "2"}};
  std::vector<std::pair<std::size_t, int>> ended;
  CHECK(run_jobs(jobs, 1, [&](std::size_t job, int code) { ended.emplace_back(job, code); }) == 0);
  CHECK(ended == std::vector<std::pair<std::size_t, int>>{{0, 0}, {1, 3}, {2, 0}});
}

TEST_CASE("a signal ends the jobs that run, and starts no more") {
  const TempDir folder;
  const Variable meeting(kFolder, folder.path().string());
  std::thread stopper([&] {
    wait_for(folder / "ready");
    ::kill(::getpid(), SIGTERM);
  });
  std::vector<std::pair<std::size_t, int>> ended;
  const std::vector<Job> jobs{{{"[obeys]"}, folder / "0"}, {{"[exit-0]"}, folder / "1"}};
  CHECK(run_jobs(jobs, 1, [&](std::size_t job, int code) { ended.emplace_back(job, code); }) == SIGTERM);
  stopper.join();
  CHECK(ended == std::vector<std::pair<std::size_t, int>>{{0, 128 + SIGTERM}});
  CHECK(!fs::exists(folder / "1"));
}

TEST_CASE("a parent that ignores SIGCHLD takes no exit code from us, and nobody waits for ever") {
  const TempDir folder;
  const auto ignoring = [] { std::signal(SIGCHLD, SIG_IGN); };
  ignoring();
  const Strings environment(own_environment());
  CHECK(run_child(Strings({"pocketstyle", "[exit-3]"}), environment.get(), folder / "log", {}) == 3);
  ignoring();
  std::vector<int> codes;
  CHECK(run_jobs({{{"[exit-0]"}, folder / "0"}, {{"[exit-3]"}, folder / "1"}}, 2,
                 [&](std::size_t, int code) { codes.push_back(code); }) == 0);
  std::sort(codes.begin(), codes.end());
  CHECK(codes == std::vector<int>{0, 3});
  ignoring();
  ProcessOptions options;
  options.processes = 2;
  CHECK(launch({"pocketstyle", "[exit-3]"}, options, [](int, int, int) {}) == 3);
}

TEST_CASE("the server's programs are commands of this program") {
  const TempDir folder;
  CHECK(program_runner(2)({"[exit-3]"}, folder / "log", {}) == 3);
}

TEST_CASE("what torchrun says is checked before anybody is waited for") {
  ::unsetenv("WORLD_SIZE");
  const Variable rank("RANK", "2");
  CHECK(error_of([] { join_group({}); }) ==
        "usage: RANK is set in the environment but WORLD_SIZE is not; torchrun sets both");
  const Variable world("WORLD_SIZE", "2");
  CHECK(contains(error_of([] { join_group({}); }), "RANK=2 in the environment: expected a whole number from 0 to 1"));
  CHECK(!starts_others({.processes = 4, .store = ""}));  // torchrun has done it
}

TEST_CASE("one process is a group of one; several are to be started") {
  CHECK(!starts_others({}));
  CHECK(join_group({})->world() == 1);
  CHECK(contains(error_of([] { starts_others({.machines = 2, .machine = 2, .store = ""}); }),
                 "--node-rank 2: expected 0 to 1"));
  CHECK(contains(error_of([] { starts_others({.store = "tcp://x"}); }), "--store tcp://x: expected file"));
}

}  // namespace pocketstyle::workflows
