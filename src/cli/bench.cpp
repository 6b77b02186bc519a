// SPDX-License-Identifier: Apache-2.0
#include "cli/bench.h"

#include "cli/commands.h"

namespace pocketstyle::cli {

void add_bench(CLI::App& app) {
  CLI::App* bench = app.add_subcommand("bench", "Measure how long things take");
  bench->require_subcommand(1);
  add_bench_train(*bench);
  add_bench_stylize(*bench);
  add_bench_ops(*bench);
  bench->footer(
      "Examples:\n"
      "  pocketstyle bench train configs/demo.yaml --baseline\n"
      "  pocketstyle bench stylize out/wave.ptl out/wave.onnx --threads 1,2\n"
      "  pocketstyle bench ops mini");
}

}  // namespace pocketstyle::cli
