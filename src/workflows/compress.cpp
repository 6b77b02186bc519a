// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/workflows/compress.h"

#include "pocketstyle/config/config.h"
#include "pocketstyle/core/error.h"
#include "pocketstyle/export/describe.h"
#include "pocketstyle/network/layer_table.h"
#include "pocketstyle/report/comparison.h"
#include "pocketstyle/run/folder.h"
#include "pocketstyle/workflows/spread.h"

namespace pocketstyle::workflows {
namespace fs = std::filesystem;
namespace {

std::vector<std::string> overrides_of(const std::string& method, const std::string& net, const fs::path& run,
                                      const std::vector<std::string>& asked) {
  // A preset stands for all of its numbers, whatever the larger network's configuration had set.
  std::vector<std::string> all = {"net.preset=" + net};
  for (const char* key : {"kernel", "widths", "block", "blocks", "mid"}) all.push_back(fmt::format("net.{}=", key));
  const bool distils = method == "distil" || method == "prune-distil", prunes = method.starts_with("prune");
  all.push_back("teacher.net=" + (distils ? run.string() : ""));
  all.push_back("train.init=" + (prunes ? run.string() : config::kInitNone));
  all.emplace_back("train.minutes=0");  // as many steps as the large network
  all.insert(all.end(), asked.begin(), asked.end());
  return all;
}

}  // namespace

const std::vector<std::string>& compress_methods() {
  static const std::vector<std::string> all = {"scratch", "distil", "prune", "prune-distil"};
  return all;
}

std::vector<Variant> compress_variants(const CompressOptions& options, const fs::path& run) {
  std::vector<Variant> variants;
  for (const std::string& net : options.nets)
    for (const std::string& method : options.methods)
      variants.push_back({net + " " + method, overrides_of(method, net, run, options.overrides), 0});
  return variants;
}

CompressOutcome compress(const CompressOptions& options, const VariantsEvents& events, const JobRunner& run_all) {
  const fs::path run = fs::absolute(options.run).lexically_normal();
  if (!fs::is_directory(run) || !fs::exists(run / run::kConfigName))
    throw DataError("{}: expected the folder of a run, found no config.yaml in it", options.run.string());
  const exporting::FileDescription large = exporting::describe_file(run);
  if (!large.architecture) throw DataError("{}: is {}, not a style network", options.run.string(), large.kind);

  const fs::path folder =
      options.folder.empty() ? fs::path((run / "").parent_path().string() + "-compressed") : options.folder;
  CompressOutcome outcome{.run = run,
                          .options = {.config = run / run::kConfigName,
                                      .overrides = {},
                                      .folder = fs::absolute(folder),
                                      .jobs = options.jobs},
                          .variants = {}};
  outcome.variants = run_variants(outcome.options, compress_variants(options, run), events, run_all);
  if (outcome.variants.signal != 0) return outcome;

  const auto sum = network::totals(*large.architecture);
  const auto validation = report::read_curve(run).validation;
  outcome.rows.push_back({.name = "trained network",
                          .parameters = sum.parameters,
                          .macs = sum.macs,
                          .loss = validation.empty() ? 0 : validation.back().loss});
  for (const VariantResult& result : outcome.variants.results)
    outcome.rows.push_back({.name = result.label,
                            .parameters = result.parameters,
                            .macs = result.macs,
                            .loss = spread(result.validation).mean});
  return outcome;
}

}  // namespace pocketstyle::workflows
