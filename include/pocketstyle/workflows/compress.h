// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/workflows/variants.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace pocketstyle::workflows {

/// How a smaller network comes from a trained one: scratch, distil, prune, prune-distil.
const std::vector<std::string>& compress_methods();

struct CompressOptions {
  std::filesystem::path run;                                      ///< of the trained network
  std::filesystem::path folder;                                   ///< of the new runs; empty: RUN-compressed
  std::vector<std::string> nets, methods{"distil"}, overrides{};  ///< nets: presets; overrides: for all, and last
  int jobs = 1;
};

/// A row of the table: the trained network, or a variant.
struct CompressRow {
  std::string name;
  std::int64_t parameters = 0, macs = 0;  ///< at 256x256
  double loss = 0;                        ///< the validation loss, mean over seeds; 0: the run has none
};

struct CompressOutcome {
  std::filesystem::path run;  ///< of the trained network, absolute
  VariantsOptions options;    ///< that the variants were trained with
  VariantsOutcome variants;
  std::vector<CompressRow> rows{};  ///< the trained network first
};

/// A variant for every net by every method. `run`: the trained network's folder, absolute.
std::vector<Variant> compress_variants(const CompressOptions& options, const std::filesystem::path& run);

/// Trains them by run_variants(). Throws DataError if `run` is no finished run, and what run_variants() throws.
CompressOutcome compress(const CompressOptions& options, const VariantsEvents& events,
                         const JobRunner& run_all = run_jobs);

}  // namespace pocketstyle::workflows
