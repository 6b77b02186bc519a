// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/workflows/variants.h"

#include <CLI/CLI.hpp>

namespace pocketstyle::cli {

/// --jobs and --report.
void add_variants_options(CLI::App& command, int& jobs, bool& report);

/// Says on the console what is done and how long the rest will take.
workflows::VariantsEvents say_progress();

/// Says that the work was stopped, and throws CLI::RuntimeError, if a signal stopped it.
void end_if_stopped(const workflows::VariantsOutcome& outcome);

}  // namespace pocketstyle::cli
