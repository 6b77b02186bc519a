// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/config/architecture.h"

#include <cstdint>
#include <filesystem>
#include <optional>

namespace pocketstyle::stylize {

/// About the most that the network's activations take at once when it runs on a whole picture, in bytes, weights and
/// pictures not counted: the convolution with the largest input and output, its input once more with its border, and
/// both in the layout of the processor's vectors. Proportional to the pixels.
std::uint64_t untiled_bytes(const config::Architecture& architecture, std::int64_t height, std::int64_t width);

/// What this process can still take before the system or its control groups (versions 1 and 2) end it: MemAvailable of
/// /proc/meminfo, and each group's limit less what is used and cannot be dropped. Empty where the system does not say.
/// `root` is the folder that proc/ and sys/ are in.
std::optional<std::uint64_t> available_memory(const std::filesystem::path& root = "/");

/// What this process has in memory now, in bytes; 0 where the system does not say.
std::uint64_t resident_memory();

}  // namespace pocketstyle::stylize
