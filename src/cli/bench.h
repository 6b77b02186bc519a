// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>
#include <torch/torch.h>

#include <vector>

namespace pocketstyle::cli {

// The subcommands of `bench`, one file each.
void add_bench_train(CLI::App& bench);
void add_bench_stylize(CLI::App& bench);
void add_bench_ops(CLI::App& bench);

/// fp32, and bf16 where the processor has it.
std::vector<torch::ScalarType> types_here();
/// "fp32" or "bf16".
const char* name_of(torch::ScalarType type);

}  // namespace pocketstyle::cli
