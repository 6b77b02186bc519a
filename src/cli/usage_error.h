// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace CLI {
class App;
class ParseError;
}  // namespace CLI

namespace pocketstyle::cli {

/// What is wrong with a command line that `app` could not parse, as one line, or the help of a command that needs
/// another after it and got none. With a line end.
std::string usage_error(const CLI::App& app, const CLI::ParseError& error);

}  // namespace pocketstyle::cli
