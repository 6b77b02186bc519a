// SPDX-License-Identifier: Apache-2.0
#include "cli/reference.h"

#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include <string>

namespace pocketstyle::cli {
namespace {

std::string zsh_quoted(const std::string& text) {
  return "'" + replaced(text, "'", "'\\''") + "'";
}

/// Text inside _arguments' brackets and between its colons.
std::string escaped(std::string text) {
  for (const char* special : {"\\", "[", "]", ":"}) text = replaced(text, special, std::string("\\") + special);
  return text;
}

std::string function_name(const CommandReference& command) {
  return "_pocketstyle" + replaced(replaced(command.path, "/", "_"), "-", "_");
}

/// ":message:action" of a value.
std::string zsh_value(const OptionReference& option) {
  const std::string message = ":" + escaped(option.value) + ":";
  switch (option.completes) {
    case Completes::choices:
      return message + fmt::format("({})", fmt::join(option.choices, " "));
    case Completes::files:
      return message + "_files";
    case Completes::folders:
      return message + "_files -/";
    case Completes::nothing:
      break;
  }
  return message;
}

/// An option's specification for each of its names.
std::string specifications(const OptionReference& option) {
  const std::string repeats = option.several ? "*" : fmt::format("({})", fmt::join(option.names, " "));
  std::string lines;
  for (const std::string& name : option.names)
    lines += " \\\n    " + zsh_quoted(repeats + name + "[" + escaped(first_clause(option.help)) + "]" +
                                      (option.is_flag() ? "" : zsh_value(option)));
  return lines;
}

std::string command_function(const CommandReference& command) {
  std::string arguments, body;
  for (const OptionReference& option : command.options) arguments += specifications(option);
  for (const OptionReference& argument : command.positionals)
    arguments += " \\\n    " + zsh_quoted((argument.several ? "*" : "") + zsh_value(argument));
  if (command.commands.empty())
    return fmt::format("{}() {{\n  _arguments -S{}\n}}\n\n", function_name(command), arguments);
  std::string names, calls;
  for (const CommandReference& inner : command.commands) {
    names += " \\\n        " + zsh_quoted(inner.name + ":" + escaped(first_clause(inner.help)));
    calls += fmt::format("        {}) {} ;;\n", inner.name, function_name(inner));
  }
  return fmt::format(R"({}() {{
  local curcontext=$curcontext state line
  _arguments -C{} \
    '1: :->command' '*:: :->rest'
  case $state in
    command)
      local -a commands=({})
      _describe -t commands command commands
      ;;
    rest)
      case $line[1] in
{}      esac
      ;;
  esac
}}

)",
                     function_name(command), arguments, names, calls);
}

}  // namespace

std::string zsh_completion(const CommandReference& program) {
  std::string script =
      "#compdef pocketstyle\n# zsh completion, made from the options by `pocketstyle generate zsh`\n\n";
  for (const CommandReference* command : all_commands(program)) script += command_function(*command);
  return script + "_pocketstyle \"$@\"\n";
}

}  // namespace pocketstyle::cli
