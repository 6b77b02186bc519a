// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>

namespace pocketstyle::cli {

// The subcommands of `bench`, one file each.
void add_bench_train(CLI::App& bench);
void add_bench_stylize(CLI::App& bench);
void add_bench_ops(CLI::App& bench);

}  // namespace pocketstyle::cli
