// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>

#include <string>
#include <vector>

namespace pocketstyle::cli {

/// --set KEY=VALUE, which may be repeated.
inline CLI::Option* add_overrides(CLI::App& command, std::vector<std::string>& overrides, const std::string& help) {
  return command.add_option("--set", overrides, help)->take_all()->allow_extra_args(false);
}

}  // namespace pocketstyle::cli
