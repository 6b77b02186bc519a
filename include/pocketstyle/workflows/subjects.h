// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/evaluate/evaluate.h"

#include <filesystem>
#include <string>
#include <vector>

namespace pocketstyle::workflows {

/// What a model is called by itself: its run folder's name, or the file's without extension;
/// runs/wave/final.safetensors is "wave".
std::string model_name(const std::filesystem::path& model);

/// "[NAME=]FILE[,FILE...]" each: one network, of one or several training runs. What is there as it stands is one file,
/// whatever its name. Where no name is given it is the run folder's or the file's; names differ. Throws UsageError (an
/// empty file or name, a name twice), DataError (a file that is not there).
std::vector<evaluate::Subject> parse_subjects(const std::vector<std::string>& texts);

}  // namespace pocketstyle::workflows
