// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "serve/folders.h"

#include <filesystem>
#include <string>
#include <vector>

namespace pocketstyle::serve {

/// Whether a job's run has a checkpoint, from which it goes on.
bool goes_on(const Folders& folders, const std::string& job);

/// What the program is called with to train a job, or to go on with it. `settings`: values for --set, KEY=VALUE,
/// besides those of the job's paths.
std::vector<std::string> train_arguments(const Folders& folders, const std::string& job,
                                         const std::vector<std::string>& settings);

/// Whether a training was ended by a signal that asks programs to end, so that it can go on. A terminal and systemd
/// send these to all processes.
bool was_told_to_end(int code);

}  // namespace pocketstyle::serve
