// SPDX-License-Identifier: Apache-2.0
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/variants.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"
#include "pocketstyle/report/pareto_front.h"

#include <algorithm>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

namespace pocketstyle::cli {
namespace {

struct SweepArguments {
  VariantsOptions options;
  std::string config, folder = "runs/sweep";
  std::vector<std::string> vary;
  std::vector<int> seeds;
};

/// "a,b,[1,2],c" at the commas outside of brackets.
std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts(1);
  int depth = 0;
  for (const char c : text) {
    depth += c == '[' ? 1 : c == ']' ? -1 : 0;
    if (c == ',' && depth == 0)
      parts.emplace_back();
    else
      parts.back() += c;
  }
  return parts;
}

/// Every combination of the values, the last key's changing fastest.
std::vector<Variant> combinations(const std::vector<std::string>& vary) {
  std::vector<Variant> all(1);
  for (const std::string& text : vary) {
    const auto equals = text.find('=');
    const std::string key = text.substr(0, equals);
    if (equals == std::string::npos || key.find('.') == std::string::npos || equals + 1 == text.size())
      throw UsageError("--vary {}: expected section.key=value,value", text);
    std::vector<Variant> next;
    for (const Variant& one : all)
      for (const std::string& value : split(text.substr(equals + 1))) {
        Variant more = one;
        const std::string name = fmt::format("{}={}", key.substr(key.find('.') + 1), value);
        more.label += (one.label.empty() ? "" : " ") + name;
        more.overrides.push_back(key + "=" + value);
        next.push_back(more);
      }
    all = std::move(next);
  }
  return all;
}

void print_table(const std::vector<VariantResult>& results) {
  std::size_t width = 0;
  for (const VariantResult& result : results) width = std::max(width, result.label.size());
  const VariantResult& first = results.front();
  const bool sizes = std::any_of(results.begin(), results.end(), [&](const auto& r) { return r.macs != first.macs; });
  std::vector<std::pair<double, double>> cost_and_loss;
  for (const VariantResult& result : results)
    cost_and_loss.emplace_back(static_cast<double>(result.macs), mean_loss(result));
  const std::vector<bool> front = report::on_pareto_front(cost_and_loss);
  std::cout << fmt::format("\n{:<{}}  {:>10}  {:>6}  {:>17}  validation loss\n", "", width, "parameters", "GMAC",
                           "against the first");
  for (std::size_t i = 0; i < results.size(); ++i) {
    const VariantResult& result = results[i];
    std::cout << fmt::format("{:<{}}  {:>10}  {:>6.2f}  {:>17}  {}{}\n", result.label, width,
                             with_commas(result.parameters), static_cast<double>(result.macs) / 1e9,
                             i == 0 ? "" : against_text(result, first), loss_text(result),
                             sizes && front[i] ? " *" : "");
  }
  if (sizes) std::cout << "* on the front: no other has a lower loss for as few multiply-accumulates\n";
}

void run_sweep(SweepArguments& arguments) {
  std::vector<Variant> variants;
  const auto all = combinations(arguments.vary);
  if (arguments.options.report && all.size() < 2)
    throw UsageError("--report: expected two variants or more to compare");
  for (const Variant& one : all) {
    if (arguments.seeds.empty()) variants.push_back(one);
    for (const int seed : arguments.seeds) {
      variants.push_back(one);
      variants.back().seed = seed;
    }
  }
  arguments.options.config = std::filesystem::absolute(arguments.config);
  arguments.options.folder = std::filesystem::absolute(arguments.folder);
  const auto results = run_variants(arguments.options, variants);

  print_table(results);
  std::cout << fmt::format("\n{0}/contact_sheet.jpg shows them, {0}/sweep.json has the numbers.\n",
                           arguments.options.folder.string());
  write_report(arguments.options, results);
}

}  // namespace

void add_sweep(CLI::App& app) {
  auto arguments = std::make_shared<SweepArguments>();
  CLI::App* command = app.add_subcommand("sweep", "Train many variants and put them side by side");
  command->add_option("config", arguments->config, "YAML file: what all have in common")
      ->check(CLI::ExistingFile)
      ->required();
  command
      ->add_option("--vary", arguments->vary,
                   "A key and its values, commas between: --vary loss.style=1,2,4. Given again: every combination")
      ->take_all()
      ->allow_extra_args(false)
      ->required();
  command->add_option("--seeds", arguments->seeds, "Every variant from each of these seeds: --seeds 1,2,3")
      ->delimiter(',')
      ->check(CLI::Range(1, 1'000'000'000));
  add_overrides(*command, arguments->options.overrides, "Replace one key for all: --set train.steps=300");
  command->add_option("-o,--output", arguments->folder, "Folder of the runs")->capture_default_str();
  add_variants_options(*command, arguments->options);
  command->footer(
      "Examples:\n"
      "  pocketstyle sweep mine.yaml --vary loss.style=1,2,4 --set train.steps=300      (which weight looks right?)\n"
      "  pocketstyle sweep mine.yaml --vary net.preset=original,bottleneck,mini --seeds 1,2,3 --jobs 2\n"
      "  pocketstyle sweep mine.yaml --vary net.widths=[16,32,64],[8,16,48] --vary net.mid=16,32\n"
      "Stopped, the same command goes on where it was. --report compares them in one page.");
  command->callback([arguments] { run_sweep(*arguments); });
}

}  // namespace pocketstyle::cli
