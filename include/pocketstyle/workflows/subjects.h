// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/evaluate/evaluate.h"

#include <filesystem>
#include <string>
#include <vector>

namespace pocketstyle::workflows {

/// The default name of a model: its run folder's name, or the file's name without extension; "wave" for
/// runs/wave/final.safetensors.
std::string model_name(const std::filesystem::path& model);

/// Parses "[NAME=]FILE[,FILE...]": one network, from one or several training runs. If the whole text is an existing
/// file, it is taken as one file. The default name is that of the run folder or file; names must differ. Throws
/// UsageError (an empty file or name, a duplicate name), DataError (a file that does not exist).
std::vector<evaluate::Subject> parse_subjects(const std::vector<std::string>& texts);

}  // namespace pocketstyle::workflows
