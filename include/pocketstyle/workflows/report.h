// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/report/report.h"

#include <string>

namespace pocketstyle::workflows {

/// A preset, a .yaml configuration, a run folder or a model file, as a report takes it. Throws DataError (there is no
/// such thing, it is no style network), and what load_config() and describe_file() throw.
report::Subject report_subject(const std::string& what);

/// Measures the forward passes of both networks in turn, with random weights. `threads`: 0 is one a core.
void measure_latencies(report::Report& report, int threads);

}  // namespace pocketstyle::workflows
