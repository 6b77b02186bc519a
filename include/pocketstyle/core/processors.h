// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>

namespace pocketstyle {

/// The number of processors that this process may use, at least 1: those of its CPU affinity (taskset, a container's
/// cpuset), limited by the CPU quota of its control groups, rounded up (a quota of 1.5 gives 2). Determined once.
int usable_processors();

/// The CPU quota of this process's control groups, version 1 or 2, in processors; empty if there is no limit. `root` is
/// where /proc and the mount points are looked up.
std::optional<double> processor_quota(const std::filesystem::path& root = "/");

}  // namespace pocketstyle
