// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

namespace pocketstyle::serve {

/// Runs a command of this program in a process of its own, which ends with this one, and waits for it. What it prints
/// is put at the end of `log`. Once `stop` asks, the process is sent SIGTERM, and SIGKILL if that does not end it.
/// Returns its exit code, or 128 and the number of the signal that ended it. Throws pocketstyle::Error if it cannot be
/// started.
using RunProgram = std::function<int(const std::vector<std::string>& arguments, const std::filesystem::path& log,
                                     const std::stop_token& stop)>;

/// The commands that the server has run: train, export and stylize as users know them, and this one, which makes
/// `picture` FILE -o FILE.jpg --size PIXELS: upright, without metadata, its longest side at most so long.
inline constexpr const char* kPictureCommand = "picture";

}  // namespace pocketstyle::serve
