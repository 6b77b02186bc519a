// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/evaluate/evaluate.h"

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace pocketstyle::workflows {

struct EvaluateOptions {
  std::vector<std::string> subjects;   ///< in the syntax of parse_subjects()
  std::filesystem::path config;        ///< gives style, loss and photos; empty: that of the first subject's run folder
  std::vector<std::string> overrides;  ///< overrides of its keys
  std::string baseline;                ///< name of the subject that the others are compared with; empty: the first
  evaluate::Options options;
  int threads = 0;  ///< 0: one per core
};

struct EvaluateOutcome {
  std::vector<evaluate::Evaluation> evaluations;  ///< one per subject, in the same order
  std::size_t baseline = 0;
};

/// Throws UsageError (no configuration, unknown baseline), and what parse_subjects() and evaluate::evaluate() throw.
EvaluateOutcome evaluate_subjects(const EvaluateOptions& options);

}  // namespace pocketstyle::workflows
