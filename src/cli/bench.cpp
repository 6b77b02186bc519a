// SPDX-License-Identifier: Apache-2.0
#include "cli/bench.h"

#include "cli/commands.h"

#include "pocketstyle/core/cpu.h"

namespace pocketstyle::cli {

const char* name_of(torch::ScalarType type) {
  return type == torch::kBFloat16 ? "bf16" : "fp32";
}

std::vector<torch::ScalarType> types_here() {
  if (cpu_has_bfloat16()) return {torch::kFloat32, torch::kBFloat16};
  return {torch::kFloat32};
}

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
