// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>

namespace pocketstyle::cli {

// One file per command: it declares the options and runs the command in a callback, which throws pocketstyle::Error.
void add_bench(CLI::App& app);
void add_evaluate(CLI::App& app);
void add_train(CLI::App& app);
void add_optimize(CLI::App& app);
void add_models(CLI::App& app);
void add_sweep(CLI::App& app);
void add_compress(CLI::App& app);
void add_config(CLI::App& app);
void add_export(CLI::App& app);
void add_report(CLI::App& app);
void add_stylize(CLI::App& app);
void add_serve(CLI::App& app);
void add_picture(CLI::App& app);
void add_inspect(CLI::App& app);
void add_import(CLI::App& app);
void add_weights(CLI::App& app);
void add_generate(CLI::App& app);

}  // namespace pocketstyle::cli
