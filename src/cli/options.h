// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/core/error.h"

#include <CLI/CLI.hpp>

#include <string>
#include <vector>

namespace pocketstyle::cli {

/// --set KEY=VALUE, which may be repeated.
inline CLI::Option* add_overrides(CLI::App& command, std::vector<std::string>& overrides, const std::string& help) {
  return command.add_option("--set", overrides, help)->take_all()->allow_extra_args(false);
}

/// The values that an option has now, as its help shows them; CLI11's capture_default_str() would write "[a,b]".
template <class Value>
std::string defaults_text(const std::vector<Value>& values) {
  return fmt::format("{}", fmt::join(values, " "));
}

/// An option that takes several values with commas between; help shows those that it has now.
template <class Value>
CLI::Option* add_list(CLI::App& command, const std::string& name, std::vector<Value>& values, const std::string& help) {
  return command.add_option(name, values, help)
      ->delimiter(',')
      ->take_all()
      ->allow_extra_args(false)
      ->default_str(defaults_text(values));
}

}  // namespace pocketstyle::cli
