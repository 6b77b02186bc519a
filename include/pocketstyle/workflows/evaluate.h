// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/evaluate/evaluate.h"

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace pocketstyle::workflows {

struct EvaluateOptions {
  std::vector<std::string> subjects;   ///< as parse_subjects() takes them
  std::filesystem::path config;        ///< style, loss and photos; empty: of the first subject's run folder
  std::vector<std::string> overrides;  ///< of its keys
  std::string baseline;                ///< the name of what the others are compared with; empty: the first
  evaluate::Options options;
  int threads = 0;  ///< 0: one a core
};

struct EvaluateOutcome {
  std::vector<evaluate::Evaluation> evaluations;  ///< one a subject, in their order
  std::size_t baseline = 0;
};

/// Throws UsageError (no configuration, no such baseline), and what parse_subjects() and evaluate::evaluate() throw.
EvaluateOutcome evaluate_subjects(const EvaluateOptions& options);

}  // namespace pocketstyle::workflows
