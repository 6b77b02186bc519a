// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <spdlog/spdlog.h>

#include <memory>

namespace pocketstyle {

/// The library's logger. Silent until the program adds sinks, so that library code never prints by itself.
/// Messages start with the module in brackets: "[data] skipped ...". Thread-safe.
std::shared_ptr<spdlog::logger> log();

}  // namespace pocketstyle
