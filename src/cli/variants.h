// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/workflows/variants.h"

#include <CLI/CLI.hpp>

namespace pocketstyle::cli {

/// Adds --jobs and --report.
void add_variants_options(CLI::App& command, int& jobs, bool& report);

/// Prints which runs are done and the estimated time left.
workflows::VariantsEvents say_progress();

/// If a signal stopped the work, prints that and throws CLI::RuntimeError.
void end_if_stopped(const workflows::VariantsOutcome& outcome);

}  // namespace pocketstyle::cli
