// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/stylize/video.h"

#include <filesystem>

namespace pocketstyle::cli {

/// Puts one video through the model, with progress, and prints what became of it; `json`: that only, as JSON. Ctrl-C
/// finishes the video where it is, and then throws CLI::RuntimeError.
void stylize_video(stylize::StyleModel& model, const std::filesystem::path& source, const std::filesystem::path& result,
                   const stylize::VideoOptions& options, bool json);

}  // namespace pocketstyle::cli
