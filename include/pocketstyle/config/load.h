// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/config/config.h"

#include <filesystem>
#include <string>
#include <vector>

namespace pocketstyle::config {

/// Reads a configuration. Precedence: defaults < `file` < `overrides` ("train.steps=100") from left to right.
/// Strict: unknown key, duplicate key, wrong type, out of range, rules across fields. All problems are collected into
/// one UsageError, a line each: "file:line:column: train.stepz: unknown key; did you mean steps?".
/// Relative paths in the file are relative to the file's folder, those in overrides to the working directory; the
/// result holds absolute, normalised paths (empty stays empty).
Config load_config(const std::filesystem::path& file, const std::vector<std::string>& overrides = {});

/// The same from text; `name` stands for the file in messages, `base` is what relative paths are relative to.
Config parse_config(const std::string& yaml, const std::string& name, const std::filesystem::path& base,
                    const std::vector<std::string>& overrides = {});

/// The defaults with `overrides` put in, as a template: what is required may still be missing, and run.folder stays
/// relative. Throws UsageError as load_config does.
Config template_config(const std::vector<std::string>& overrides);

/// The configuration as YAML. With `comments`, each field has its help, range and choices beside it, and optional
/// fields that are not set are shown commented out. parse_config(to_yaml(c)) gives c again.
std::string to_yaml(const Config& config, bool comments);

}  // namespace pocketstyle::config
