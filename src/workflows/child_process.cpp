// SPDX-License-Identifier: Apache-2.0
#include "workflows/child_process.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/workflows/jobs.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <map>
#include <thread>

namespace pocketstyle::workflows {
namespace {

std::atomic<int> stop_signal{0};

void note_stop(int signal) {
  stop_signal = signal;
}

int exit_code(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : kSignalled + WTERMSIG(status);
}

constexpr int kUnknown = static_cast<int>(ErrorKind::runtime);  // of a process whose end nobody can tell us of

}  // namespace

pid_t start_child(const Strings& arguments, char* const* environment, const sigset_t& signals,
                  const std::filesystem::path& log) {
  int output = -1;
  if (!log.empty()) {
    output = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (output < 0) throw DataError("{}: cannot be written: {}", log.string(), std::strerror(errno));
  }
  keep_ended_children();
  const pid_t parent = ::getpid(), pid = ::fork();
  if (pid == 0) {
    // Only functions that are allowed between fork and exec in a multi-threaded program.
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);  // so that no training continues unseen when the parent dies
    if (::getppid() != parent) ::_exit(kSignalled + SIGTERM);
    if (output >= 0) {
      ::dup2(output, STDOUT_FILENO);
      ::dup2(output, STDERR_FILENO);
    }
    ::sigprocmask(SIG_SETMASK, &signals, nullptr);
    ::close_range(STDERR_FILENO + 1, ~0U,
                  CLOSE_RANGE_CLOEXEC);  // descriptors that libraries left open, such as those of a server's clients
    ::execve("/proc/self/exe", arguments.get(), environment);
    ::_exit(static_cast<int>(ErrorKind::runtime));
  }
  const std::string why = std::strerror(errno);
  if (output >= 0) ::close(output);
  if (pid < 0) throw RuntimeFailure("cannot start a process: {}", why);
  return pid;
}

int run_child(const Strings& arguments, char* const* environment, const std::filesystem::path& log,
              const std::stop_token& stop, std::chrono::milliseconds grace) {
  constexpr auto kPoll = std::chrono::milliseconds(10);
  sigset_t none;
  ::sigemptyset(&none);
  const pid_t pid = start_child(arguments, environment, none, log);
  std::chrono::steady_clock::time_point told;
  bool is_told = false;
  int status = 0;
  pid_t ended = 0;
  while ((ended = ::waitpid(pid, &status, WNOHANG)) == 0 || (ended < 0 && errno == EINTR)) {
    const auto now = std::chrono::steady_clock::now();
    if (stop.stop_requested() && !is_told) {
      is_told = true;
      told = now;
      ::kill(pid, SIGTERM);
    }
    if (is_told && now - told > grace) ::kill(pid, SIGKILL);
    std::this_thread::sleep_for(kPoll);
  }
  return ended == pid ? exit_code(status) : kUnknown;
}

int run_jobs(const std::vector<Job>& jobs, std::size_t parallel,
             const std::function<void(std::size_t job, int exit_code)>& ended) {
  constexpr auto kPoll = std::chrono::milliseconds(50);
  stop_signal = 0;
  const StopHandlers handlers(note_stop);
  sigset_t signals;
  ::sigprocmask(SIG_BLOCK, nullptr, &signals);
  std::map<pid_t, std::size_t> running;
  std::size_t next = 0;
  int told = 0;
  const auto may_start = [&] { return stop_signal == 0 && next < jobs.size(); };
  while (may_start() || !running.empty()) {
    for (; may_start() && running.size() < parallel; ++next) {
      std::vector<std::string> arguments = {"pocketstyle"};
      arguments.insert(arguments.end(), jobs[next].arguments.begin(), jobs[next].arguments.end());
      running.emplace(start_child(Strings(arguments), environ, signals, jobs[next].log), next);
    }
    if (stop_signal != 0 && told == 0) {
      told = stop_signal;
      for (const auto& [pid, job] : running) ::kill(pid, told);
    }
    int status = 0;
    const pid_t pid = ::waitpid(-1, &status, WNOHANG);
    if (pid < 0 && errno == ECHILD) {
      for (const auto& [lost, job] : running) ended(job, kUnknown);
      running.clear();
      continue;
    }
    const auto found = running.find(pid);
    if (found == running.end()) {
      std::this_thread::sleep_for(kPoll);
      continue;
    }
    const std::size_t job = found->second;
    running.erase(found);
    ended(job, exit_code(status));
  }
  return stop_signal;
}

}  // namespace pocketstyle::workflows
