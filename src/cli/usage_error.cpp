// SPDX-License-Identifier: Apache-2.0
#include "cli/usage_error.h"

#include "cli/reference.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/nearest_name.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <vector>

namespace pocketstyle::cli {
namespace {

std::vector<std::string> command_names(const CommandReference& command) {
  std::vector<std::string> names;
  for (const CommandReference& inner : command.commands) names.push_back(inner.name);
  return names;
}

/// Without their dashes.
std::vector<std::string> long_options(const CommandReference& command) {
  std::vector<std::string> names;
  for (const OptionReference& option : command.options)
    for (const std::string& name : option.names)
      if (name.starts_with("--")) names.push_back(name.substr(2));
  return names;
}

/// The option that a message of CLI11 is about: the message begins with its name.
const CLI::Option* option_in(const CLI::App& command, std::string_view message) {
  constexpr std::string_view kConversion = "Could not convert: ";
  if (message.starts_with(kConversion)) message.remove_prefix(kConversion.size());
  const std::string_view name = message.substr(0, message.find_first_of(": "));
  for (const CLI::Option* option : command.get_options())
    if (option->get_name() == name) return option;
  return nullptr;
}

std::string expected(const OptionReference& option) {
  if (!option.range.empty()) return option.range;
  if (!option.choices.empty()) return fmt::format("{}", fmt::join(option.choices, ", "));
  if (option.must_exist) return option.completes == Completes::folders ? "an existing folder" : "an existing file";
  if (option.value.starts_with("INT") || option.value.starts_with("UINT")) return "a whole number";
  return option.value.starts_with("FLOAT") ? "a number" : "a value";
}

/// The value that the message names; all of them if it names none, as where their number is wrong.
std::string found(const CLI::Option& option, std::string_view message) {
  for (const std::string& value : option.results())
    if (!value.empty() && message.find(value) != std::string_view::npos) return value;
  const std::string all = fmt::format("{}", fmt::join(option.results(), " "));
  return all.empty() ? "nothing" : all;
}

/// An argument that nothing takes.
std::string unexpected(const CommandReference& command, const std::string& argument, const std::string& help) {
  const std::string name = argument.substr(0, argument.find('='));
  const std::size_t letters = name.find_first_not_of('-');
  if (letters != 0 && letters != std::string::npos) {
    std::error_code ignored;
    if (std::filesystem::exists(argument, ignored))
      return fmt::format("{0}: looks like an option; give the file as ./{0}", argument);
    const std::string nearest = nearest_name(name.substr(letters), long_options(command));
    return name + ": no such option; " + (nearest.empty() ? help : "did you mean --" + nearest + "?");
  }
  if (command.commands.empty()) return argument + ": one argument too many; " + help;
  const std::string nearest = nearest_name(name, command_names(command));
  return argument + ": no such command; " + (nearest.empty() ? help : "did you mean " + nearest + "?");
}

/// `reference` describes `command`.
std::string explain(const CLI::App& command, const CommandReference& reference, const CLI::ParseError& error,
                    const std::string& help) {
  const std::string message = error.what();
  const bool needs_command = !reference.commands.empty();
  const std::vector<std::string> left = command.remaining();
  // An option with a typing error leaves others without what they require, so it is told first.
  const auto first = needs_command ? left.begin() : std::find_if(left.begin(), left.end(), [](const auto& argument) {
    return argument.starts_with('-');
  });
  if (first != left.end()) return unexpected(reference, *first, help);
  if (dynamic_cast<const CLI::ExtrasError*>(&error)) return unexpected(reference, left.front(), help);
  if (dynamic_cast<const CLI::ExcludesError*>(&error))
    return replaced(message, " excludes ", " cannot be combined with ");
  const CLI::Option* const declared = option_in(command, message);
  if (declared == nullptr || dynamic_cast<const CLI::RequiresError*>(&error)) return message;
  const OptionReference option = describe(*declared);
  if (dynamic_cast<const CLI::RequiredError*>(&error)) return fmt::format("{}: {}", message, first_clause(option.help));
  if (option.is_flag()) return declared->get_name() + ": takes no value";
  const bool own_words = dynamic_cast<const CLI::ValidationError*>(&error) && option.range.empty() &&
                         option.choices.empty() && !option.must_exist;
  return own_words ? message
                   : fmt::format("{}: expected {}, found {}", declared->get_name(), expected(option),
                                 found(*declared, message));
}

}  // namespace

std::string usage_error(const CLI::App& app, const CLI::ParseError& error) {
  const CLI::App* command = &app;
  std::string before, path = app.get_name();
  while (command->remaining().empty() && !command->get_subcommands().empty()) {
    command = command->get_subcommands().front();
    before = path;
    path += " " + command->get_name();
  }
  const CommandReference reference = describe(*command);
  if (command->remaining().empty() && !reference.commands.empty()) return command->help(before);
  const std::string where = before.empty() ? "" : path.substr(path.find(' ') + 1) + ": ";
  return fmt::format("{}: {}{}\n", app.get_name(), where,
                     explain(*command, reference, error, "see " + path + " --help"));
}

}  // namespace pocketstyle::cli
