// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/workflows/compare.h"

#include "workflows/comparison_parts.h"

#include "pocketstyle/config/load.h"
#include "pocketstyle/core/cpu.h"
#include "pocketstyle/core/error.h"
#include "pocketstyle/core/log.h"
#include "pocketstyle/core/processors.h"
#include "pocketstyle/core/temporary_folder.h"
#include "pocketstyle/core/version.h"
#include "pocketstyle/run/folder.h"
#include "pocketstyle/workflows/threads.h"

#include <torch/version.h>

#include <ctime>

namespace pocketstyle::workflows {
namespace fs = std::filesystem;
namespace {

/// The requested configuration, or that of the first run folder.
config::Config configuration(const CompareOptions& options, const std::vector<evaluate::Subject>& subjects) {
  if (!options.config.empty()) return config::load_config(options.config, options.overrides);
  for (const evaluate::Subject& subject : subjects)
    for (const fs::path& file : subject.files)
      if (fs::exists(file / run::kConfigName)) return config::load_config(file / run::kConfigName, options.overrides);
  throw UsageError("--compare: expected --config with the style and the photos, or a run folder among the networks");
}

std::string today() {
  const std::time_t now = std::time(nullptr);
  std::tm date{};
  ::gmtime_r(&now, &date);
  return fmt::format("{:04}-{:02}-{:02}", date.tm_year + 1900, date.tm_mon + 1, date.tm_mday);
}

report::Conditions conditions(const CompareOptions& options, const config::Config& config) {
  report::Conditions how;
  how.date = today();
  how.processor = cpu_model();
  how.versions = fmt::format("pocketstyle {}, LibTorch {}", version(), TORCH_VERSION);
  how.cores = usable_processors();
  how.threads = thread_count(options.threads, 1);
  how.height = options.height;
  how.width = options.width;
  how.style = config.style.image.stem().string();
  return how;
}

}  // namespace

report::Comparison compare(const CompareOptions& options, const std::vector<evaluate::Subject>& subjects) {
  if (subjects.size() < 2) throw UsageError("--compare: expected two networks or more, found {}", subjects.size());
  report::Comparison comparison;
  comparison.networks = describe_subjects(subjects);
  const config::Config config = configuration(options, subjects);
  comparison.conditions = conditions(options, config);
  set_threads(comparison.conditions.threads);

  const TemporaryFolder folder;
  const auto exported = export_subjects(subjects, folder.path(), comparison.networks);
  measure_times(exported, folder.path(), comparison);
  if (!config.data.held_out.empty()) {
    add_pictures(subjects, config.data.held_out, options.photos, folder.path(), comparison);
    log()->info("[report] evaluating");
    const auto evaluations = evaluate::evaluate(config, subjects, options.evaluation);
    add_scores(evaluations, evaluate::evaluate_photos(config, options.evaluation), comparison);
  }
  return comparison;
}

}  // namespace pocketstyle::workflows
