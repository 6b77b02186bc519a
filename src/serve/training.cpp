// SPDX-License-Identifier: Apache-2.0
#include "serve/training.h"

#include "pocketstyle/core/signals.h"

namespace pocketstyle::serve {

bool goes_on(const Folders& folders, const std::string& job) {
  return !run::list_checkpoints(folders.run(job)).empty();
}

std::vector<std::string> train_arguments(const Folders& folders, const std::string& job,
                                         const std::vector<std::string>& settings) {
  const std::string run = folders.run(job).string();
  std::vector<std::string> arguments = {"train", folders.config(job).string()};
  const auto set = [&](const std::string& setting) { arguments.insert(arguments.end(), {"--set", setting}); };
  set("style.image=" + folders.style(job).string());
  set("run.folder=" + run);
  for (const std::string& setting : settings) set(setting);
  if (goes_on(folders, job)) arguments.insert(arguments.end(), {"--resume", run});
  return arguments;
}

bool was_told_to_end(int code) {
  return is_stop_signal(code - kSignalled);
}

}  // namespace pocketstyle::serve
