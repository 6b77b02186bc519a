// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/config/architecture.h"

#include <cstdint>
#include <filesystem>
#include <optional>

namespace pocketstyle::stylize {

/// Approximate peak memory of the network's activations on a whole picture, in bytes, without weights and pictures: the
/// convolution with the largest input and output, a padded copy of its input, and both in the processor's vector
/// layout. Proportional to the number of pixels.
std::uint64_t untiled_bytes(const config::Architecture& architecture, std::int64_t height, std::int64_t width);

/// Memory that this process can still allocate before the system or its control groups (versions 1 and 2) kill it:
/// MemAvailable of /proc/meminfo, each group's limit minus its usage that cannot be reclaimed, and what is left of the
/// address space if that is limited. Empty if the system does not say. `root` is where /proc and the mount points are
/// looked up.
std::optional<std::uint64_t> available_memory(const std::filesystem::path& root = "/");

/// Resident memory of this process, in bytes; 0 if the system does not say.
std::uint64_t resident_memory();

}  // namespace pocketstyle::stylize
