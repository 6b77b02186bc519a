// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "serve/progress.h"
#include "serve/recipe.h"
#include "serve/store.h"

#include <nlohmann/json.hpp>

#include <string>

namespace pocketstyle::serve {

using Json = nlohmann::ordered_json;

// What is said over HTTP (openapi.json describes it).
Json job_json(const Job& job, const Progress& progress);
Json model_json(const Model& model);
Json options_json(const Recipes& recipes);
Json loss_json(const LossPoint& loss);  ///< without the step
std::string preview_url(const std::string& job, std::int64_t step);

/// As text; bytes that are not UTF-8 are replaced.
std::string text_of(const Json& json);

}  // namespace pocketstyle::serve
