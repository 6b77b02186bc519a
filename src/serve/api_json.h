// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "serve/progress.h"
#include "serve/recipe.h"
#include "serve/store.h"

#include <nlohmann/json.hpp>

#include <string>

namespace pocketstyle::serve {

using Json = nlohmann::ordered_json;

inline constexpr const char* kApiVersion = "v1";
inline constexpr const char* kApi = "/api/v1";  ///< what every path of the API begins with

// The JSON sent over HTTP (described in openapi.json).
Json job_json(const Job& job, const Progress& progress);
Json model_json(const Model& model);
Json file_json(const std::string& model, const ModelFile& file);
Json options_json(const Recipes& recipes);
Json loss_json(const LossPoint& loss);  ///< without the step
std::string preview_url(const std::string& job, std::int64_t step);

/// As text; invalid UTF-8 is replaced.
std::string text_of(const Json& json);

}  // namespace pocketstyle::serve
