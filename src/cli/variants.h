// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>

#include <filesystem>
#include <string>
#include <vector>

namespace pocketstyle::cli {

/// One training run of several that differ in some keys.
struct Variant {
  std::string label;                   ///< "preset=mini style=4": its folder's name and the tables'
  std::vector<std::string> overrides;  ///< "net.preset=mini"
  int seed = 0;                        ///< of runs that differ in nothing else; 0: all have the configuration's
};

struct VariantsOptions {
  std::filesystem::path config;        ///< what all have in common
  std::vector<std::string> overrides;  ///< for all
  std::filesystem::path folder;        ///< of the runs and what is made of them
  int jobs = 1;                        ///< runs at a time, the cores shared among them
  bool report = false;                 ///< a page that compares them, when all are trained
};

/// --jobs and --report.
void add_variants_options(CLI::App& command, VariantsOptions& options);

/// What became of a variant; of several seeds.
struct VariantResult {
  std::string label;
  std::vector<std::filesystem::path> runs;  ///< a seed each
  std::vector<double> validation;           ///< total loss at the end, of each
  std::int64_t parameters = 0, macs = 0;    ///< at 256x256
};

/// Trains every variant in FOLDER/LABEL (with "-seedN" where there are several), as commands of this program that print
/// to FOLDER/LABEL.log. Those that are done are left, those that were stopped go on. Then writes FOLDER/sweep.json and
/// FOLDER/contact_sheet.jpg, a row a variant. Says on the console what is done and how long the rest will take.
/// Throws UsageError (a variant's configuration is wrong, all are checked first), RuntimeFailure (runs failed; the
/// others are done), CLI::RuntimeError when stopped by a signal.
std::vector<VariantResult> run_variants(const VariantsOptions& options, const std::vector<Variant>& variants);

/// "251,234 +- 1,234 (3 seeds, 249,870 to 252,316)", the standard deviation of the seeds, or "251,234".
std::string loss_text(const VariantResult& result);
/// "+1.2% +- 0.4%" of the baseline's loss: mean and standard deviation over the seeds, each against the same seed's.
std::string against_text(const VariantResult& result, const VariantResult& baseline);
double mean_loss(const VariantResult& result);

/// --report: FOLDER/report.html, the comparison of `report --compare`. `baseline`: a run that all are compared with;
/// empty: the first variant is.
void write_report(const VariantsOptions& options, const std::vector<VariantResult>& results,
                  const std::filesystem::path& baseline = {});

}  // namespace pocketstyle::cli
