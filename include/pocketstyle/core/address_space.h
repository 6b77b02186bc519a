// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

namespace pocketstyle {

/// Bytes that this process can still map under its limit of address space (`ulimit -v`, a batch system's h_vmem); empty
/// if there is none. `root` is where /proc is looked up.
std::optional<std::uint64_t> address_space_left(const std::filesystem::path& root = "/");

/// Throws RuntimeFailure if the limit has no room for the buffers of OpenBLAS, of 128 MiB a thread: it would try again
/// for ever, also while the process exits, which therefore has to be by _exit().
void check_address_space();

}  // namespace pocketstyle
