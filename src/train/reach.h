// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace pocketstyle::train {

/// Connects to a TCP port, again and again until `deadline`, and returns the numeric address that this machine has
/// towards it: the one that others there can reach it by. Throws PeerLost if nothing answers, UsageError if `host` is
/// no address.
std::string reach(const std::string& host, std::uint16_t port, std::chrono::steady_clock::time_point deadline);

}  // namespace pocketstyle::train
