// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

namespace pocketstyle {

/// A control group of Linux, which limits what its processes may use.
struct ControlGroup {
  std::filesystem::path folder;  ///< where its limits are files
  bool is_v2 = false;            ///< version 2, whose files have other names than version 1's
};

/// The control groups that this process is in and all their parents, as far as they are mounted and can limit what
/// `controller` ("cpu", "memory") stands for. `root` is where /proc and the mount points are looked up.
std::vector<ControlGroup> control_groups(std::string_view controller, const std::filesystem::path& root = "/");

}  // namespace pocketstyle
