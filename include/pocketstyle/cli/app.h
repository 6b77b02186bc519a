// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace pocketstyle::cli {

/// Runs the program with its arguments and returns its exit code: 0 success, 1 runtime failure, 2 wrong usage or
/// configuration, 3 missing or unusable data, 4 verification failed, 128+n stopped by signal n.
int run(int argc, const char* const* argv);

}  // namespace pocketstyle::cli
