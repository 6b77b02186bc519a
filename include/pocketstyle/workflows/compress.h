// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/workflows/variants.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace pocketstyle::workflows {

/// How a smaller network is obtained from a trained one: scratch, distil, prune, prune-distil.
const std::vector<std::string>& compress_methods();

struct CompressOptions {
  std::filesystem::path run;                                      ///< run folder of the trained network
  std::filesystem::path folder;                                   ///< folder for the new runs; empty: RUN-compressed
  std::vector<std::string> nets, methods{"distil"}, overrides{};  ///< nets: presets; overrides: applied last, to all
  int jobs = 1;
};

/// A row of the table: the trained network or a variant.
struct CompressRow {
  std::string name;
  std::int64_t parameters = 0, macs = 0;  ///< at 256x256
  double loss = 0;                        ///< validation loss, mean over seeds; 0: the run has none
};

struct CompressOutcome {
  std::filesystem::path run;  ///< run folder of the trained network, absolute
  VariantsOptions options;    ///< options that the variants were trained with
  VariantsOutcome variants;
  std::vector<CompressRow> rows{};  ///< the trained network first
};

/// A variant for every combination of net and method. `run`: the trained network's folder, absolute.
std::vector<Variant> compress_variants(const CompressOptions& options, const std::filesystem::path& run);

/// Trains them with run_variants(). Throws DataError if `run` is not a finished run, and what run_variants() throws.
CompressOutcome compress(const CompressOptions& options, const VariantsEvents& events,
                         const JobRunner& run_all = run_jobs);

}  // namespace pocketstyle::workflows
