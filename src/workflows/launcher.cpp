// SPDX-License-Identifier: Apache-2.0
#include "workflows/launcher.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"
#include "pocketstyle/core/signals.h"
#include "pocketstyle/core/temporary_folder.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <optional>
#include <sstream>

namespace pocketstyle::workflows {
namespace {

// Only data that a signal handler may access. 0: none, or one that has ended.
std::array<std::atomic<pid_t>, 256> children{};
static_assert(std::atomic<pid_t>::is_always_lock_free);

void tell_all(int signal) {
  for (const auto& child : children)
    if (const pid_t pid = child; pid > 0) ::kill(pid, signal);
}
void hand_on(int signal) {
  tell_all(signal);
}
void end_by_force(int /*signal*/) {
  tell_all(SIGKILL);
}

std::vector<std::string> own_arguments() {
  std::istringstream text(read_file("/proc/self/cmdline"));
  std::vector<std::string> arguments;
  for (std::string argument; std::getline(text, argument, '\0');) arguments.push_back(argument);
  return arguments;
}

/// While this object exists, SIGALRM kills the children.
class Alarm {
 public:
  Alarm() : before_(std::signal(SIGALRM, end_by_force)) {}
  ~Alarm() {
    ::alarm(0);
    std::signal(SIGALRM, before_);
  }
  Alarm(const Alarm&) = delete;
  Alarm& operator=(const Alarm&) = delete;

 private:
  void (*before_)(int);
};

int wait_for_all(int first_rank, int grace_s, const std::function<void(int, int, int)>& killed) {
  int worst = 0;
  bool ending = false;
  while (true) {
    int status = 0;
    const pid_t pid = ::waitpid(-1, &status, 0);
    if (pid < 0 && errno == EINTR) continue;
    if (pid < 0) {  // all have ended; one that we did not hear of has not ended well
      const bool lost = std::any_of(children.begin(), children.end(), [](const auto& child) { return child > 0; });
      return lost ? worse(worst, static_cast<int>(ErrorKind::runtime)) : worst;
    }
    const auto child = std::find(children.begin(), children.end(), pid);
    if (child == children.end()) continue;
    *child = 0;
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : static_cast<int>(ErrorKind::runtime);
    if (WIFSIGNALED(status) && (ending || is_stop_signal(WTERMSIG(status))))
      code = kSignalled + WTERMSIG(status);  // told to stop before it could do so cleanly
    else if (WIFSIGNALED(status))
      killed(first_rank + static_cast<int>(child - children.begin()), pid, WTERMSIG(status));
    worst = worse(worst, code);
    if (code != 0 && !ending) {
      ending = true;
      ::alarm(static_cast<unsigned>(grace_s));
      tell_all(SIGTERM);
    }
  }
}

}  // namespace

std::vector<std::string> environment_with(const Variables& ours) {
  std::vector<std::string> all;
  for (const auto& [name, value] : ours) all.push_back(name + "=" + value);
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry, name = text.substr(0, text.find('='));
    if (std::none_of(ours.begin(), ours.end(), [&](const auto& variable) { return variable.first == name; }))
      all.push_back(text);
  }
  return all;
}

Variables variables_of(const ProcessOptions& options, int local, const std::string& store) {
  return {{"RANK", std::to_string(options.machine * options.processes + local)},
          {"WORLD_SIZE", std::to_string(options.machines * options.processes)},
          {"LOCAL_RANK", std::to_string(local)},
          {"LOCAL_WORLD_SIZE", std::to_string(options.processes)},
          {"MASTER_ADDR", options.address},
          {"MASTER_PORT", std::to_string(options.port == 0 ? kDefaultPort : options.port)},
          {"POCKETSTYLE_STORE", store}};
}

int worse(int a, int b) {
  const auto weight = [](int code) { return code == 0 ? 0 : code >= kSignalled ? 1 : 1 + code; };
  return weight(b) > weight(a) ? b : a;
}

int launch(const std::vector<std::string>& arguments, const ProcessOptions& options,
           const std::function<void(int rank, int process, int signal)>& killed) {
  std::optional<TemporaryFolder> rendezvous;  // for the rendezvous file of processes on one machine, instead of a port
  std::string store = options.store;
  if (store.empty() && options.machines == 1 && options.port == 0) {
    rendezvous.emplace();
    store = "file://" + (rendezvous->path() / "store").string();
  }
  const Strings command(arguments);

  sigset_t stops, before;
  ::sigemptyset(&stops);
  for (const int signal : stop_signals()) ::sigaddset(&stops, signal);
  ::sigprocmask(SIG_BLOCK, &stops, &before);
  const StopHandlers handlers(hand_on);
  const Alarm alarm;
  for (int local = 0; local < options.processes; ++local) {
    const Strings environment(environment_with(variables_of(options, local, store)));
    try {
      children[static_cast<std::size_t>(local)] = start_child(command, environment.get(), before);
    } catch (const Error&) {
      tell_all(SIGTERM);
      throw;
    }
  }
  ::sigprocmask(SIG_SETMASK, &before, nullptr);
  return wait_for_all(options.machine * options.processes, options.timeout_s, killed);
}

int start_others(const ProcessOptions& options, const std::function<void(int rank, int process, int signal)>& killed) {
  return launch(own_arguments(), options, killed);
}

}  // namespace pocketstyle::workflows
