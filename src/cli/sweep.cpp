// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/workflows/sweep.h"

#include "cli/commands.h"
#include "cli/options.h"
#include "cli/variants.h"

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

using workflows::Spread, workflows::SweepRow;

struct SweepArguments {
  workflows::VariantsOptions options;
  std::string config, folder = "runs/sweep";
  std::vector<std::string> vary;
  std::vector<int> seeds;
  bool report = false;
};

/// "251,234 +- 1,234 (3 seeds, 249,870 to 252,316)", or "251,234" for one seed.
std::string loss_text(const Spread& loss) {
  std::string text = with_commas(std::llround(loss.mean));
  if (loss.seeds < 2) return text;
  return fmt::format("{} +- {} ({} seeds, {} to {})", text, with_commas(std::llround(loss.deviation)), loss.seeds,
                     with_commas(std::llround(loss.low)), with_commas(std::llround(loss.high)));
}

/// "+1.2% +- 0.4%", or "+1.2%" for one seed.
std::string percent_text(const Spread& percent) {
  const std::string text = fmt::format("{:+.1f}%", percent.mean);
  return percent.seeds < 2 ? text : fmt::format("{} +- {:.1f}%", text, percent.deviation);
}

void print_sweep(const workflows::SweepTable& table) {
  std::size_t width = 0;
  for (const SweepRow& row : table.rows) width = std::max(width, row.label.size());
  std::cout << fmt::format("\n{:<{}}  {:>10}  {:>6}  {:>17}  validation loss\n", "", width, "parameters", "GMAC",
                           "difference");
  for (const SweepRow& row : table.rows)
    std::cout << fmt::format("{:<{}}  {:>10}  {:>6.2f}  {:>17}  {}{}\n", row.label, width, with_commas(row.parameters),
                             static_cast<double>(row.macs) / 1e9,
                             row.against_first ? percent_text(*row.against_first) : "", loss_text(row.loss),
                             table.costs_differ && row.on_front ? " *" : "");
  if (table.costs_differ)
    std::cout << "* on the Pareto front: no other has a lower loss with as few multiply-accumulates\n";
}

void run_sweep(SweepArguments& arguments) {
  const auto variants = workflows::sweep_variants(arguments.vary, arguments.seeds);
  if (arguments.report && variants.front().label == variants.back().label)
    throw UsageError("--report: expected two variants or more to compare");
  workflows::VariantsOptions& options = arguments.options;
  options.config = std::filesystem::absolute(arguments.config);
  options.folder = std::filesystem::absolute(arguments.folder);
  const auto outcome = workflows::run_variants(options, variants, say_progress());
  end_if_stopped(outcome);
  print_sweep(workflows::sweep_table(outcome.results));
  std::cout << fmt::format("\n{0}/contact_sheet.jpg shows the results, {0}/sweep.json has the numbers.\n",
                           options.folder.string());
  if (arguments.report) std::cout << workflows::write_report(options, outcome.results).string() << "\n";
}

}  // namespace

void add_sweep(CLI::App& app) {
  auto arguments = std::make_shared<SweepArguments>();
  CLI::App* command = app.add_subcommand("sweep", "Train many variants and compare them side by side");
  command->add_option("config", arguments->config, "YAML file with the common configuration")
      ->check(CLI::ExistingFile)
      ->required();
  command
      ->add_option(
          "--vary", arguments->vary,
          "A key and its values, separated by commas: --vary loss.strength=0.5,1,2. If repeated: all combinations")
      ->take_all()
      ->allow_extra_args(false)
      ->required();
  command->add_option("--seeds", arguments->seeds, "Train every variant with each of these seeds: --seeds 1,2,3")
      ->delimiter(',')
      ->check(CLI::Range(1, 1'000'000'000));
  add_overrides(*command, arguments->options.overrides, "Override a key for all runs: --set train.steps=300");
  command->add_option("-o,--output", arguments->folder, "Output folder for the runs")
      ->check(not_standard_output())
      ->capture_default_str();
  add_variants_options(*command, arguments->options.jobs, arguments->report);
  command->footer(
      "Examples:\n"
      "  pocketstyle sweep mine.yaml --vary loss.strength=0.5,1,2 --set train.steps=300      (how strong looks "
      "right?)\n"
      "  pocketstyle sweep mine.yaml --vary net.preset=original,bottleneck,mini --seeds 1,2,3 --jobs 2\n"
      "  pocketstyle sweep mine.yaml --vary net.widths=[16,32,64],[8,16,48] --vary net.mid=16,32\n"
      "If interrupted, run the same command again to continue. --report compares all variants on one page.");
  command->callback([arguments] { run_sweep(*arguments); });
}

}  // namespace pocketstyle::cli
