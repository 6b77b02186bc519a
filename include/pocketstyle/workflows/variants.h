// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/workflows/jobs.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace pocketstyle::workflows {

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
};

/// What became of a variant; of several seeds.
struct VariantResult {
  std::string label;
  std::vector<std::filesystem::path> runs;  ///< a seed each
  std::vector<double> validation;           ///< total loss at the end, of each
  std::int64_t parameters = 0, macs = 0;    ///< at 256x256
};

/// What became of one run.
struct RunEnded {
  std::string name;        ///< its folder's
  bool trained = false;    ///< false: it failed
  double validation = 0;   ///< total loss at the end, if it is trained
  std::string last_words;  ///< the last line of its log, if it failed; may be empty
  std::filesystem::path log;
  double seconds_left = 0;  ///< about, until all are trained
};

struct VariantsEvents {
  /// What there is to train, and how much of it is trained already.
  std::function<void(const VariantsOptions& options, std::size_t runs, std::size_t done)> started;
  std::function<void(const RunEnded&)> ended;  ///< of a run; not when a signal ended it
};

/// Results of all variants in their order, or the signal that stopped the work.
struct VariantsOutcome {
  std::vector<VariantResult> results;
  int signal = 0;
};

/// Trains every variant in FOLDER/LABEL (with "-seedN" where there are several), as commands of this program that print
/// to FOLDER/LABEL.log. Those that are done are left, those that were stopped go on. Then writes FOLDER/sweep.json and
/// FOLDER/contact_sheet.jpg, a row a variant. `run` runs the trainings. Throws UsageError (a variant's configuration is
/// wrong, all are checked first; another process uses the folder), RuntimeFailure (runs failed; the others are done).
VariantsOutcome run_variants(const VariantsOptions& options, const std::vector<Variant>& variants,
                             const VariantsEvents& events, const JobRunner& run = run_jobs);

/// Writes FOLDER/report.html, the comparison of `report --compare`, and returns its path. `baseline`: a run that all
/// are compared with; empty: the first variant is.
std::filesystem::path write_report(const VariantsOptions& options, const std::vector<VariantResult>& results,
                                   const std::filesystem::path& baseline = {});

}  // namespace pocketstyle::workflows
