// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/evaluate/evaluate.h"

#include <cstddef>
#include <span>
#include <string>

namespace pocketstyle::cli {

/// "lower", "higher", or "" if neither is better.
std::string better_name(results::Better better);

/// One row per metric and one column per subject, then the differences from `all[baseline]` if there are others.
std::string evaluation_tables(std::span<const evaluate::Evaluation> all, std::size_t baseline);

/// The same, including each photo's values.
std::string evaluation_json(std::span<const evaluate::Evaluation> all, std::size_t baseline);

}  // namespace pocketstyle::cli
