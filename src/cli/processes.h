// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/workflows/processes.h"

#include <CLI/CLI.hpp>

namespace pocketstyle::cli {

/// Adds the options for training in several processes.
void add_process_options(CLI::App& command, workflows::ProcessOptions& options);

}  // namespace pocketstyle::cli
