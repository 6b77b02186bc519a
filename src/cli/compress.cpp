// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/workflows/compress.h"

#include "cli/commands.h"
#include "cli/options.h"
#include "cli/variants.h"

#include "pocketstyle/config/architecture.h"
#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

namespace pocketstyle::cli {
namespace {

using workflows::CompressRow;

struct CompressArguments {
  workflows::CompressOptions options;
  bool report = false;
};

void print_compress(const std::vector<CompressRow>& rows) {
  const CompressRow& trained = rows.front();
  std::size_t width = 0;
  for (const CompressRow& row : rows) width = std::max(width, row.name.size());
  const auto ratio = [](std::int64_t a, std::int64_t b) { return static_cast<double>(a) / static_cast<double>(b); };
  std::cout << fmt::format("\n{:<{}}  {:>10}  {:>7}  {:>10}  {:>13}  difference\n", "", width, "parameters", "C_r",
                           "fewer MACs", "validation loss");
  for (const CompressRow& row : rows)
    std::cout << fmt::format(
        "{:<{}}  {:>10}  {:>6.2f}x  {:>9.2f}x  {:>13}  {}\n", row.name, width, with_commas(row.parameters),
        ratio(trained.parameters, row.parameters), ratio(trained.macs, row.macs),
        row.loss > 0 ? with_commas(std::llround(row.loss)) : "",
        trained.loss > 0 && row.loss > 0 ? fmt::format("{:+.1f}%", 100 * (row.loss / trained.loss - 1)) : "");
}

void run_compress(const CompressArguments& arguments) {
  const auto outcome = workflows::compress(arguments.options, say_progress());
  end_if_stopped(outcome.variants);
  print_compress(outcome.rows);
  std::cout << fmt::format("\n{}/contact_sheet.jpg shows the results; --report compares them on one page.\n",
                           outcome.options.folder.string());
  if (arguments.report)
    std::cout << workflows::write_report(outcome.options, outcome.variants.results, outcome.run).string() << "\n";
}

}  // namespace

void add_compress(CLI::App& app) {
  auto arguments = std::make_shared<CompressArguments>();
  CLI::App* command = app.add_subcommand("compress", "Train smaller networks in the style of a trained one");
  std::vector<std::string> names;
  for (const auto& preset : config::presets()) names.emplace_back(preset.name);
  command->add_option("run", arguments->options.run, "Folder of a finished training run")->required();
  command->add_option("--to", arguments->options.nets, "Smaller networks, separated by commas")
      ->delimiter(',')
      ->check(CLI::IsMember(names))
      ->required();
  command
      ->add_option("--method", arguments->options.methods,
                   "Methods, separated by commas. scratch: train like the large network; distil: also learn from the "
                   "large network's output; "
                   "prune: start from the large network's most important channels; prune-distil: both")
      ->delimiter(',')
      ->check(CLI::IsMember(workflows::compress_methods()))
      ->default_str(defaults_text(arguments->options.methods));
  add_overrides(*command, arguments->options.overrides, "Override a key for all runs: --set train.steps=1000");
  command->add_option("-o,--output", arguments->options.folder, "Folder of the runs; default: RUN-compressed")
      ->check(not_standard_output());
  add_variants_options(*command, arguments->options.jobs, arguments->report);
  command->footer(
      "Examples:\n"
      "  pocketstyle compress runs/original --to mini\n"
      "  pocketstyle compress runs/original --to bottleneck,mini,micro --method scratch,distil --jobs 2\n"
      "  pocketstyle compress runs/mini --to micro --method prune --set train.steps=500\n"
      "--set net.mid=24 overrides that number in all presets of --to. If interrupted, run the same command again to "
      "continue.");
  command->callback([arguments] { run_compress(*arguments); });
}

}  // namespace pocketstyle::cli
