// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace pocketstyle::cli {

enum class Completes { nothing, choices, files, folders };

/// An option or, without names, a positional argument.
struct OptionReference {
  std::vector<std::string> names;  // with their dashes
  std::string value;               // the word for it, empty for a flag
  std::string range, help, default_value;
  std::vector<std::string> choices;
  Completes completes = Completes::nothing;
  bool required = false, several = false;
  bool must_exist = false;  // its value is a file or folder that is there

  [[nodiscard]] bool is_flag() const { return value.empty(); }
};

struct CommandReference {
  std::string name, help, footer;
  std::string path;  // "" for the program, "/bench/train" for a command of a command
  std::vector<OptionReference> options, positionals;
  std::vector<CommandReference> commands;
};

/// What the options declare, for the help, the manual page and the shells' completions. Hidden commands and options are
/// left out.
CommandReference describe(const CLI::App& app);
OptionReference describe(const CLI::Option& declared);

/// The command and all below it, the outer ones first.
std::vector<const CommandReference*> all_commands(const CommandReference& command);

/// All that is to be known of an option: its help, values, default, and whether it is required.
std::string explanation(const OptionReference& option);
/// What follows the command's name: " [OPTION]... photos...", each word marked by `mark`.
std::string arguments(const CommandReference& command, std::string (*mark)(const std::string&));
/// A help text's first clause: completions have one short line.
std::string first_clause(const std::string& text);
/// `from` replaced by `to`, everywhere.
std::string replaced(std::string text, std::string_view from, std::string_view to);

/// `name`: of the command, with those before it.
std::string help_page(const CommandReference& command, const std::string& name);
std::string manual_page(const CommandReference& program);
std::string bash_completion(const CommandReference& program);
std::string zsh_completion(const CommandReference& program);
std::string fish_completion(const CommandReference& program);

}  // namespace pocketstyle::cli
