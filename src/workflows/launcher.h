// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/workflows/processes.h"

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace pocketstyle::workflows {

inline constexpr int kSignalled = 128;  ///< exit codes from here on: ended by a signal

using Variables = std::vector<std::pair<std::string, std::string>>;
/// torchrun's for the process `local` of this machine, and POCKETSTYLE_STORE.
Variables variables_of(const ProcessOptions& options, int local, const std::string& store);
/// This process's environment as "NAME=value", with the variables of `ours` in it.
std::vector<std::string> environment_with(const Variables& ours);

/// Of two exit codes the one that says more: a failure's, then a signal's, then 0.
int worse(int a, int b);

/// start_others() with these arguments, the program's name first. One at a time in a process.
int launch(const std::vector<std::string>& arguments, const ProcessOptions& options,
           const std::function<void(int rank, int process, int signal)>& killed);

}  // namespace pocketstyle::workflows
