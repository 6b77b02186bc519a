// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/serve/programs.h"
#include "pocketstyle/serve/server.h"

#include <filesystem>
#include <vector>

namespace pocketstyle::workflows {

/// The shipped models for the server to publish, with their training records and style pictures if available.
std::vector<serve::ShippedModel> models_to_serve();

/// The folder of the web app: installed beside the other assets, or built beside this program. Empty if in neither
/// place.
std::filesystem::path find_web_folder();

/// Commands of this program, each using its share of the cores when `jobs` run at a time.
serve::RunProgram program_runner(int jobs);

}  // namespace pocketstyle::workflows
