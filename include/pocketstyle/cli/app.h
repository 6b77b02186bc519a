// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace pocketstyle::cli {

/// Runs the program on its arguments and returns its exit code: 0 done, 1 the work failed, 2 wrong usage or
/// configuration, 3 missing or unusable data, 4 a result failed its verification, 128+n stopped by signal n.
int run(int argc, const char* const* argv);

}  // namespace pocketstyle::cli
