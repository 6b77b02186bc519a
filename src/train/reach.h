// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace pocketstyle::train {

/// Tries to connect to a TCP port until `deadline`, and returns the numeric address of this machine on that connection:
/// the one at which the other side can reach it. Throws PeerLost if nothing answers, UsageError if `host` is not an
/// address.
std::string reach(const std::string& host, std::uint16_t port, std::chrono::steady_clock::time_point deadline);

}  // namespace pocketstyle::train
