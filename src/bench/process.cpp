// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/bench/process.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"
#include "pocketstyle/core/signals.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <thread>

namespace pocketstyle::bench {
namespace {

constexpr auto kPoll = std::chrono::milliseconds(2);

double milliseconds(const timeval& time) {
  return 1000.0 * static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1000.0;
}

/// Peak resident size of the process so far; 0 once it has ended. Not ru_maxrss, whose initial value is the size of the
/// parent process.
std::int64_t peak_bytes(pid_t pid) {
  std::ifstream status(fmt::format("/proc/{}/status", pid));
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmHWM:")) return 1024 * std::stoll(line.substr(6));
  return 0;
}

pid_t start(const std::vector<std::string>& arguments, const std::filesystem::path& output) {
  std::vector<std::string> strings = {"pocketstyle"};
  strings.insert(strings.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  for (std::string& text : strings) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  ::posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
  keep_ended_children();
  pid_t pid = 0;
  const int error = ::posix_spawn(&pid, "/proc/self/exe", &actions, nullptr, pointers.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw RuntimeFailure("cannot start a process: {}", std::strerror(error));
  return pid;
}

}  // namespace

results::ProcessCost time_process(const std::vector<std::string>& arguments, const std::filesystem::path& output) {
  const auto began = std::chrono::steady_clock::now();
  const pid_t pid = start(arguments, output);
  results::ProcessCost time;
  int status = 0;
  rusage usage{};
  pid_t ended = 0;
  while ((ended = ::wait4(pid, &status, WNOHANG, &usage)) == 0 || (ended < 0 && errno == EINTR)) {
    time.peak_bytes = std::max(time.peak_bytes, peak_bytes(pid));
    std::this_thread::sleep_for(kPoll);
  }
  if (ended < 0) throw RuntimeFailure("cannot wait for process {}: {}", pid, std::strerror(errno));
  time.ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - began).count();
  time.cpu_ms = milliseconds(usage.ru_utime) + milliseconds(usage.ru_stime);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    throw RuntimeFailure("pocketstyle {} failed: {}", fmt::join(arguments, " "), last_line(read_file(output)));
  return time;
}

}  // namespace pocketstyle::bench
