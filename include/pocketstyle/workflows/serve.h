// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/serve/programs.h"
#include "pocketstyle/serve/server.h"

#include <filesystem>
#include <vector>

namespace pocketstyle::workflows {

/// The shipped models as the server publishes them, with their records and style pictures where those are there.
std::vector<serve::ShippedModel> models_to_serve();

/// The web app: installed beside the other assets, or built beside this program. Empty if it is in neither place.
std::filesystem::path find_web_folder();

/// Commands of this program, each using its share of the cores when `jobs` run at a time.
serve::RunProgram program_runner(int jobs);

}  // namespace pocketstyle::workflows
