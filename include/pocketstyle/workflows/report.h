// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/report/report.h"

#include <string>

namespace pocketstyle::workflows {

/// Describes a preset, a .yaml configuration, a run folder or a model file for a report. Throws DataError (no such
/// thing, not a style network), and what load_config() and describe_file() throw.
report::Subject report_subject(const std::string& what);

/// Times the forward passes of both networks, taking turns, with random weights. `threads`: 0 means one per core.
void measure_latencies(report::Report& report, int threads);

}  // namespace pocketstyle::workflows
