// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "workflows/child_process.h"

#include "pocketstyle/workflows/processes.h"

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace pocketstyle::workflows {

using Variables = std::vector<std::pair<std::string, std::string>>;
/// torchrun's variables for the process `local` of this machine, and POCKETSTYLE_STORE.
Variables variables_of(const ProcessOptions& options, int local, const std::string& store);
/// This process's environment as "NAME=value", updated with the variables in `ours`.
std::vector<std::string> environment_with(const Variables& ours);

/// The more informative of two exit codes: of a failure, then of a signal, then 0.
int worse(int a, int b);

/// start_others() with these arguments, starting with the program's name. One at a time per process.
int launch(const std::vector<std::string>& arguments, const ProcessOptions& options,
           const std::function<void(int rank, int process, int signal)>& killed);

}  // namespace pocketstyle::workflows
