// SPDX-License-Identifier: Apache-2.0
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/variants.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"

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

void run_sweep(SweepArguments& arguments) {
  std::vector<Variant> variants;
  for (const Variant& one : combinations(arguments.vary)) {
    if (arguments.seeds.empty()) variants.push_back(one);
    for (const int seed : arguments.seeds) {
      variants.push_back(one);
      variants.back().seed = seed;
    }
  }
  arguments.options.config = std::filesystem::absolute(arguments.config);
  arguments.options.folder = std::filesystem::absolute(arguments.folder);
  const auto results = run_variants(arguments.options, variants);

  std::size_t width = 0;
  for (const VariantResult& result : results) width = std::max(width, result.label.size());
  std::cout << fmt::format("\n{:<{}}  {:>10}  {:>6}  held-out loss\n", "", width, "parameters", "GMAC");
  for (const VariantResult& result : results)
    std::cout << fmt::format("{:<{}}  {:>10}  {:>6.2f}  {}\n", result.label, width, with_commas(result.parameters),
                             static_cast<double>(result.macs) / 1e9, loss_text(result));
  std::cout << fmt::format("\n{0}/contact_sheet.jpg shows them, {0}/sweep.json has the numbers.\n",
                           arguments.options.folder.string());
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
  add_parallel(*command, arguments->options);
  command->footer(
      "Examples:\n"
      "  pocketstyle sweep mine.yaml --vary loss.style=1,2,4 --set train.steps=300      (which weight looks right?)\n"
      "  pocketstyle sweep mine.yaml --vary net.preset=original,bottleneck,mini --seeds 1,2,3 --parallel 2\n"
      "  pocketstyle sweep mine.yaml --vary net.widths=[16,32,64],[8,16,48] --vary net.mid=16,32\n"
      "Stopped, the same command goes on where it was. For a report: pocketstyle report --compare RUN RUN ...");
  command->callback([arguments] { run_sweep(*arguments); });
}

}  // namespace pocketstyle::cli
