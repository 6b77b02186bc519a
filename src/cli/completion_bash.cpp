// SPDX-License-Identifier: Apache-2.0
#include "cli/reference.h"

#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include <map>
#include <string>
#include <vector>

namespace pocketstyle::cli {
namespace {

/// The words that may come at a command: its commands, or what its first argument may be.
std::string words_of(const CommandReference& command) {
  std::vector<std::string> words;
  for (const CommandReference& inner : command.commands) words.push_back(inner.name);
  if (!command.positionals.empty()) words = command.positionals.front().choices;
  return fmt::format("{}", fmt::join(words, " "));
}

std::string names_of(const CommandReference& command) {
  std::vector<std::string> names;
  for (const OptionReference& option : command.options)
    names.insert(names.end(), option.names.begin(), option.names.end());
  return fmt::format("{}", fmt::join(names, " "));
}

/// How an option's value is completed, as a statement.
std::string action(const OptionReference& option) {
  switch (option.completes) {
    case Completes::choices:
      return fmt::format("COMPREPLY=($(compgen -W '{}' -- \"$cur\"))", fmt::join(option.choices, " "));
    case Completes::files:
      return "_filedir";
    case Completes::folders:
      return "_filedir -d";
    case Completes::nothing:
      break;
  }
  return ":";
}

}  // namespace

std::string bash_completion(const CommandReference& program) {
  std::string paths, words;
  std::map<std::string, std::vector<std::string>> actions;  // to the options that want them
  for (const CommandReference* command : all_commands(program)) {
    if (!command->path.empty()) paths += (paths.empty() ? "" : " | ") + command->path;
    words +=
        fmt::format("    '{}') words='{}' options='{}' ;;\n", command->path, words_of(*command), names_of(*command));
    for (const OptionReference& option : command->options)
      for (const std::string& name : option.names)
        if (!option.is_flag()) actions[action(option)].push_back(fmt::format("'{} {}'", command->path, name));
  }
  std::string values;
  for (const auto& [statement, options] : actions)
    values += fmt::format("    {}) {}; return ;;\n", fmt::join(options, " | "), statement);
  return fmt::format(R"(# bash completion for pocketstyle, made from its options by `pocketstyle generate bash`
_pocketstyle() {{
  local cur prev words cword split options word path=''
  _init_completion -s || return
  for word in "${{words[@]:1:cword-1}}"; do
    case $path/$word in
      {}) path+=/$word ;;
    esac
  done
  case "$path $prev" in
{}  esac
  case $path in
{}  esac
  if [[ $cur == -* ]]; then
    COMPREPLY=($(compgen -W "$options" -- "$cur"))
  elif [[ $words ]]; then
    COMPREPLY=($(compgen -W "$words" -- "$cur"))
  else
    _filedir
  fi
}} && complete -F _pocketstyle pocketstyle
)",
                     paths, values, words);
}

}  // namespace pocketstyle::cli
