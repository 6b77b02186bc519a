// SPDX-License-Identifier: Apache-2.0
#include "cli/reference.h"

#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include <string>

namespace pocketstyle::cli {
namespace {

std::string fish_quoted(const std::string& text) {
  return "'" + replaced(replaced(text, "\\", "\\\\"), "'", "\\'") + "'";
}

/// One `complete` of a command, which the condition restricts to it.
std::string complete(const CommandReference& command, const std::string& rest) {
  return fmt::format("complete -c pocketstyle -n 'test (__pocketstyle_path) = /{}' {}\n",
                     command.path.empty() ? "" : command.path.substr(1), rest);
}

std::string fish_value(const OptionReference& option) {
  switch (option.completes) {
    case Completes::choices:
      return fmt::format(" -x -a {}", fish_quoted(fmt::format("{}", fmt::join(option.choices, " "))));
    case Completes::files:
      return " -r -F";
    case Completes::folders:
      return " -x -a '(__fish_complete_directories)'";
    case Completes::nothing:
      break;
  }
  return " -x";
}

std::string option_line(const CommandReference& command, const OptionReference& option) {
  std::string line;
  for (const std::string& name : option.names)
    line += name.starts_with("--") ? "-l " + name.substr(2) + " " : "-s " + name.substr(1) + " ";
  line += "-d " + fish_quoted(first_clause(option.help));
  return complete(command, line + (option.is_flag() ? "" : fish_value(option)));
}

}  // namespace

std::string fish_completion(const CommandReference& program) {
  std::string paths, lines;
  for (const CommandReference* command : all_commands(program)) {
    if (!command->path.empty()) paths += " " + command->path;
    for (const CommandReference& inner : command->commands)
      lines += complete(*command, "-a " + inner.name + " -d " + fish_quoted(first_clause(inner.help)));
    if (!command->positionals.empty()) lines += complete(*command, fish_value(command->positionals.front()).substr(1));
    for (const OptionReference& option : command->options) lines += option_line(*command, option);
  }
  return fmt::format(R"(# fish completion for pocketstyle, made from its options by `pocketstyle generate fish`
function __pocketstyle_path
    set -l path
    for word in (commandline -opc)[2..]
        contains -- "$path/$word"{} && set path "$path/$word"
    end
    test -n "$path" && echo $path || echo /
end
complete -c pocketstyle -f
{})",
                     paths, lines);
}

}  // namespace pocketstyle::cli
