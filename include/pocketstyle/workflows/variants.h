// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/workflows/jobs.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace pocketstyle::workflows {

/// One of several training runs that differ in some keys.
struct Variant {
  std::string label;                   ///< "preset=mini style=4": its name in tables, and its folder's name
  std::vector<std::string> overrides;  ///< "net.preset=mini"
  int seed = 0;                        ///< seed of runs that differ in nothing else; 0: the configuration's
};

struct VariantsOptions {
  std::filesystem::path config;        ///< common to all
  std::vector<std::string> overrides;  ///< applied to all
  std::filesystem::path folder;        ///< contains the runs and their summary
  int jobs = 1;                        ///< concurrent runs, which share the cores
};

/// The result of a variant, over its seeds.
struct VariantResult {
  std::string label;
  std::vector<std::filesystem::path> runs;  ///< one per seed
  std::vector<double> validation;           ///< final total loss of each
  std::int64_t parameters = 0, macs = 0;    ///< at 256x256
};

/// The result of one run.
struct RunEnded {
  std::string name;        ///< its folder's name
  bool trained = false;    ///< false: it failed
  double validation = 0;   ///< final total loss, if it is trained
  std::string last_words;  ///< if it failed: the last line of its log, may be empty, or the signal that ended it
  std::filesystem::path log;
  double seconds_left = 0;  ///< estimate until all are trained
};

struct VariantsEvents {
  /// The numbers of runs to train, and of those already trained.
  std::function<void(const VariantsOptions& options, std::size_t runs, std::size_t done)> started;
  std::function<void(const RunEnded&)> ended;  ///< called after each run, unless it was told to stop
};

/// Results of all variants in order, or the signal that stopped the work.
struct VariantsOutcome {
  std::vector<VariantResult> results;
  int signal = 0;
};

/// Trains every variant in FOLDER/LABEL (with "-seedN" if there are several seeds), as commands of this program with
/// their output in FOLDER/LABEL.log. Finished runs are skipped, interrupted ones are resumed. Then writes
/// FOLDER/sweep.json and FOLDER/contact_sheet.jpg, one row per variant. If the variants differ in the network, they
/// start from random weights unless train.init was set. `run` runs the training jobs. Throws UsageError (a variant's
/// configuration is wrong, all are checked first; another process uses the folder), RuntimeFailure (runs failed; the
/// others are done).
VariantsOutcome run_variants(const VariantsOptions& options, const std::vector<Variant>& variants,
                             const VariantsEvents& events, const JobRunner& run = run_jobs);

/// Writes FOLDER/report.html, the comparison of `report --compare`, and returns its path. `baseline`: a run to compare
/// all variants with; empty: the first variant.
std::filesystem::path write_report(const VariantsOptions& options, const std::vector<VariantResult>& results,
                                   const std::filesystem::path& baseline = {});

}  // namespace pocketstyle::workflows
