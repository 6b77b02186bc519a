// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/core/error.h"

#include <CLI/CLI.hpp>

#include <string>
#include <vector>

namespace pocketstyle::cli {

/// For output options: refuses "-", since no command writes to standard output.
inline CLI::Validator not_standard_output() {
  return CLI::Validator(
      [](const std::string& text) {
        return text == "-"
                   ? std::string("-: expected a file or folder, not standard output (use ./- for a file named -)")
                   : std::string();
      },
      "");
}

/// Adds --set KEY=VALUE, which may be repeated.
inline CLI::Option* add_overrides(CLI::App& command, std::vector<std::string>& overrides, const std::string& help) {
  return command.add_option("--set", overrides, help)->take_all()->allow_extra_args(false);
}

/// The current values of an option, for its help; CLI11's capture_default_str() would write "[a,b]".
template <class Value>
std::string defaults_text(const std::vector<Value>& values) {
  return fmt::format("{}", fmt::join(values, " "));
}

/// Adds an option that takes several values separated by commas; help shows the current ones.
template <class Value>
CLI::Option* add_list(CLI::App& command, const std::string& name, std::vector<Value>& values, const std::string& help) {
  return command.add_option(name, values, help)
      ->delimiter(',')
      ->take_all()
      ->allow_extra_args(false)
      ->default_str(defaults_text(values));
}

}  // namespace pocketstyle::cli
