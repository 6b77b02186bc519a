// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/core/signals.h"

#include "support/catch.h"

#include <csignal>

using namespace pocketstyle;

namespace {
volatile std::sig_atomic_t last = 0;
void note(int signal) {
  last = signal;
}
}  // namespace

TEST_CASE("stop signals are heard while the handlers live, and do what they did before afterwards") {
  const auto before = std::signal(SIGHUP, SIG_DFL);
  {
    const StopHandlers handlers(note);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) {
      CHECK(is_stop_signal(signal));
      std::raise(signal);
      CHECK(last == signal);
    }
    CHECK_FALSE(is_stop_signal(SIGKILL));
  }
  CHECK(std::signal(SIGHUP, before) == SIG_DFL);
}

TEST_CASE("what nohup ignores stays ignored; SIGTERM does not") {
  std::signal(SIGHUP, SIG_IGN);
  const auto term = std::signal(SIGTERM, SIG_IGN);
  last = 0;
  {
    const StopHandlers handlers(note);
    CHECK(is_ignored(SIGHUP));
    CHECK_FALSE(is_ignored(SIGTERM));
    std::raise(SIGHUP);
    CHECK(last == 0);
  }
  CHECK(is_ignored(SIGTERM));
  std::signal(SIGHUP, SIG_DFL);
  std::signal(SIGTERM, term);
}

TEST_CASE("ended children are kept from now on") {
  std::signal(SIGCHLD, SIG_IGN);
  keep_ended_children();
  CHECK_FALSE(is_ignored(SIGCHLD));
}

TEST_CASE("how a process ended is said in words") {
  CHECK(failure_text(3) == "failed with exit code 3");
  CHECK(failure_text(kSignalled + SIGKILL) == "was ended by signal 9 (Killed): most likely, memory ran out");
  CHECK(failure_text(kSignalled + SIGSEGV) == "was ended by signal 11 (Segmentation fault)");
}
