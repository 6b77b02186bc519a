// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

namespace pocketstyle::serve {

/// Runs a command of this program in a separate process, which ends when this one ends, and waits for it. Its output is
/// appended to `log`. When `stop` returns true, the process is sent SIGTERM, and later SIGKILL if it is still running.
/// Returns its exit code, or 128 plus the number of the signal that ended it. Throws pocketstyle::Error if it cannot be
/// started.
using RunProgram = std::function<int(const std::vector<std::string>& arguments, const std::filesystem::path& log,
                                     const std::stop_token& stop)>;

/// The commands that the server runs: train, export and stylize as users know them, and an internal one, `picture` FILE
/// -o FILE.jpg --size PIXELS, which makes an upright copy without metadata whose longest side is at most that long.
inline constexpr const char* kPictureCommand = "picture";

/// And another: `make` FOLDER makes what the requests in FOLDER ask for, one after the other in the order of their
/// names, and waits a while for more before it ends: loading LibTorch takes longer than making a file. A request is
/// NAME.json:
///   {"make": "picture", "input": FILE, "output": FILE.jpg, "size": PIXELS}
///   {"make": "stylized", "weights": FILE, "input": PHOTO, "output": FILE.jpg, "size": PIXELS}
///   {"make": "export", "weights": FILE, "output": FOLDER, "name": NAME, "format": FORMAT, "precision": PRECISION}
/// Exports are not compared with the network. While it is worked on, it is NAME.busy, then NAME.done:
///   {"bytes": N, "sha256": HEX} or {"error": "one line"}
inline constexpr const char* kMakeCommand = "make";

}  // namespace pocketstyle::serve
