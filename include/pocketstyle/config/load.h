// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/config/config.h"

#include <filesystem>
#include <string>
#include <vector>

namespace pocketstyle::config {

/// Reads a configuration. Precedence: defaults < `file` < `overrides` ("train.steps=100") from left to right.
/// Strict about unknown keys, duplicate keys, wrong types, ranges and rules between fields. All problems are collected
/// into one UsageError, one per line: "file:line:column: train.stepz: unknown key; did you mean steps?".
/// Relative paths in the file are relative to the file's folder, those in overrides to the working directory; the
/// result holds absolute, normalised paths (empty stays empty).
Config load_config(const std::filesystem::path& file, const std::vector<std::string>& overrides = {});

/// The same for text. `name` replaces the file name in messages; relative paths are relative to `base`.
Config parse_config(const std::string& yaml, const std::string& name, const std::filesystem::path& base,
                    const std::vector<std::string>& overrides = {});

/// The defaults with `overrides` applied, as a template: required keys may still be missing, and run.folder stays
/// relative. Throws UsageError as load_config does.
Config template_config(const std::vector<std::string>& overrides);

/// The configuration as YAML. With `comments`, each field is followed by its help, range and choices, and optional
/// fields that are not set are shown commented out. parse_config(to_yaml(c)) returns c.
std::string to_yaml(const Config& config, bool comments);

/// As YAML, what all processes that train one network must have in common: no fields that are per_process, and no
/// paths, since those may differ between machines.
std::string shared_yaml(const Config& config);

}  // namespace pocketstyle::config
