// SPDX-License-Identifier: Apache-2.0
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/variants.h"

#include "pocketstyle/config/load.h"
#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"
#include "pocketstyle/network/layer_table.h"
#include "pocketstyle/nn/weights.h"
#include "pocketstyle/report/comparison.h"
#include "pocketstyle/run/folder.h"

#include <algorithm>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

namespace pocketstyle::cli {
namespace fs = std::filesystem;
namespace {

struct CompressArguments {
  VariantsOptions options;  ///< without overrides: those come after the method's
  std::string run, folder;
  std::vector<std::string> nets, methods{"distil"}, overrides;
};

const std::vector<std::string>& methods() {
  static const std::vector<std::string> all = {"scratch", "distil", "prune", "prune-distil"};
  return all;
}

/// `asked`: what the user sets, which comes last.
std::vector<std::string> overrides_of(const std::string& method, const std::string& net, const fs::path& run,
                                      const std::vector<std::string>& asked) {
  // A preset means all of its numbers, whatever the larger network's configuration had set.
  std::vector<std::string> all = {"net.preset=" + net};
  for (const char* key : {"kernel", "widths", "block", "blocks", "mid"}) all.push_back(fmt::format("net.{}=", key));
  const bool distils = method == "distil" || method == "prune-distil", prunes = method.starts_with("prune");
  all.push_back("teacher.net=" + (distils ? run.string() : ""));
  all.push_back("train.init=" + (prunes ? run.string() : ""));
  all.insert(all.end(), asked.begin(), asked.end());
  return all;
}

void run_compress(CompressArguments& arguments) {
  const fs::path run = fs::absolute(arguments.run).lexically_normal();
  if (!fs::is_directory(run) || !fs::exists(run / run::kConfigName))
    throw DataError("{}: expected the folder of a run, found no {} in it", arguments.run, run::kConfigName);
  const nn::LoadedNet large = nn::load_net(run);
  const std::string folder =
      arguments.folder.empty() ? (run / "").parent_path().string() + "-compressed" : arguments.folder;
  arguments.options.config = run / run::kConfigName;
  arguments.options.folder = fs::absolute(folder);

  std::vector<Variant> variants;
  for (const std::string& net : arguments.nets)
    for (const std::string& method : arguments.methods)
      variants.push_back({net + " " + method, overrides_of(method, net, run, arguments.overrides), 0});
  const auto results = run_variants(arguments.options, variants);

  const auto sum = network::totals(large.net->architecture);
  const auto validation = report::read_curve(run).validation;
  const double base = validation.empty() ? 0 : validation.back().loss;
  std::size_t width = std::string("trained network").size();
  for (const VariantResult& result : results) width = std::max(width, result.label.size());
  const auto line = [&](const std::string& name, std::int64_t parameters, std::int64_t macs, double loss) {
    const auto ratio = [](std::int64_t a, std::int64_t b) { return static_cast<double>(a) / static_cast<double>(b); };
    std::cout << fmt::format("{:<{}}  {:>10}  {:>6.2f}x  {:>9.2f}x  {:>13}  {}\n", name, width, with_commas(parameters),
                             ratio(sum.parameters, parameters), ratio(sum.macs, macs),
                             loss > 0 ? with_commas(std::llround(loss)) : "",
                             base > 0 && loss > 0 ? fmt::format("{:+.1f}%", 100 * (loss / base - 1)) : "");
  };
  std::cout << fmt::format("\n{:<{}}  {:>10}  {:>7}  {:>10}  {:>13}  loss against it\n", "", width, "parameters", "C_r",
                           "fewer MACs", "validation loss");
  line("trained network", sum.parameters, sum.macs, base);
  for (const VariantResult& result : results) line(result.label, result.parameters, result.macs, mean_loss(result));
  std::cout << fmt::format("\n{}/contact_sheet.jpg shows them; --report compares them in one page.\n",
                           arguments.options.folder.string());
  write_report(arguments.options, results, run);
}

}  // namespace

void add_compress(CLI::App& app) {
  auto arguments = std::make_shared<CompressArguments>();
  CLI::App* command = app.add_subcommand("compress", "A smaller network in the style of a trained one");
  std::vector<std::string> names;
  for (const auto& preset : config::presets()) names.emplace_back(preset.name);
  command->add_option("run", arguments->run, "Folder of a finished training run")->required();
  command->add_option("--to", arguments->nets, "The smaller network, or several with commas between")
      ->delimiter(',')
      ->check(CLI::IsMember(names))
      ->required();
  command
      ->add_option("--method", arguments->methods,
                   "scratch: trained as the large one was; distil: that, and to make the large one's pictures; prune: "
                   "from the large one's most important channels; prune-distil: both. Several with commas between")
      ->delimiter(',')
      ->check(CLI::IsMember(methods()))
      ->capture_default_str();
  add_overrides(*command, arguments->overrides, "Replace one key: --set train.steps=1000");
  command->add_option("-o,--output", arguments->folder, "Folder of the runs; default: RUN-compressed");
  add_variants_options(*command, arguments->options);
  command->footer(
      "Examples:\n"
      "  pocketstyle compress runs/original --to mini\n"
      "  pocketstyle compress runs/original --to bottleneck,mini,micro --method scratch,distil --jobs 2\n"
      "  pocketstyle compress runs/mini --to micro --method prune --set train.steps=500\n"
      "Other numbers than a preset's: --set net.mid=24, for all of --to. Stopped, the same command goes on.");
  command->callback([arguments] { run_compress(*arguments); });
}

}  // namespace pocketstyle::cli
