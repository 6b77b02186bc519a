// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/workflows/evaluate.h"

#include "pocketstyle/config/load.h"
#include "pocketstyle/core/error.h"
#include "pocketstyle/run/folder.h"
#include "pocketstyle/workflows/subjects.h"
#include "pocketstyle/workflows/threads.h"

namespace pocketstyle::workflows {
namespace {

std::size_t baseline_of(const std::vector<evaluate::Subject>& subjects, const std::string& name) {
  if (name.empty()) return 0;
  for (std::size_t i = 0; i < subjects.size(); ++i)
    if (subjects[i].name == name) return i;
  throw UsageError("--baseline {}: expected the name of an evaluated network", name);
}

/// The requested configuration, or that of the first file if it is a run folder.
config::Config configuration(const EvaluateOptions& options, const std::filesystem::path& first) {
  const std::filesystem::path path = options.config.empty() ? first / run::kConfigName : options.config;
  if (!std::filesystem::exists(path))
    throw UsageError("evaluate: expected --config with the style and the photos, or a run folder as the first file");
  return config::load_config(path, options.overrides);
}

}  // namespace

EvaluateOutcome evaluate_subjects(const EvaluateOptions& options) {
  const std::vector<evaluate::Subject> subjects = parse_subjects(options.subjects);
  const std::size_t baseline = baseline_of(subjects, options.baseline);
  const config::Config config = configuration(options, subjects.front().files.front());
  set_threads(options.threads);
  return {evaluate::evaluate(config, subjects, options.options), baseline};
}

}  // namespace pocketstyle::workflows
