// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <filesystem>

namespace pocketstyle::workflows {

/// Makes the files that requests in the folder ask for (kMakeCommand in serve/programs.h), until none has come for
/// `patience`. A request that fails gets the error as its answer. Throws DataError if the folder cannot be used.
void make_files(const std::filesystem::path& folder, std::chrono::milliseconds patience);

}  // namespace pocketstyle::workflows
