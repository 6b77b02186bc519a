// SPDX-License-Identifier: Apache-2.0
#include "cli/reference.h"

#include <CLI/CLI.hpp>
#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include <algorithm>
#include <array>

namespace pocketstyle::cli {
namespace {

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  for (std::size_t end = 0; end != std::string::npos; begin = end + 1) {
    end = text.find(separator, begin);
    parts.push_back(text.substr(begin, end - begin));
  }
  return parts;
}

/// CLI11 keeps types and validators as one text: "TEXT:FILE", "INT:INT in [1 - 100]", "TEXT:{png,jpg}".
void read_type(const std::string& type, OptionReference& option) {
  const std::size_t colon = type.find(':');
  const std::string first = type.substr(0, colon);
  const std::string check = colon == std::string::npos ? "" : type.substr(colon + 1);
  option.value = first;
  option.must_exist = check.starts_with("DIR") || check.starts_with("FILE");
  if (const std::size_t in = check.find(" in ["); in != std::string::npos && check.ends_with("]")) {
    option.range = replaced(check.substr(in + 5, check.size() - in - 6), " - ", " to ");
  } else if (check == "POSITIVE") {
    option.range = "more than 0";
  } else if (check.starts_with("{") && check.ends_with("}")) {
    option.choices = split(check.substr(1, check.size() - 2), ',');
    option.completes = Completes::choices;
  } else if (check.starts_with("DIR") || first == "FOLDER") {
    option.value = "FOLDER";
    option.completes = Completes::folders;
  } else if (check.starts_with("FILE")) {
    option.value = "FILE";
    option.completes = Completes::files;
  }
  constexpr std::array<std::string_view, 4> kNumbers = {"INT", "UINT", "FLOAT", "NUMBER"};
  if (option.completes == Completes::nothing && std::find(kNumbers.begin(), kNumbers.end(), first) == kNumbers.end())
    option.completes = Completes::files;  // most texts are paths
}

}  // namespace

OptionReference describe(const CLI::Option& declared) {
  OptionReference option;
  for (const std::string& name : declared.get_snames()) option.names.push_back("-" + name);
  for (const std::string& name : declared.get_lnames()) option.names.push_back("--" + name);
  option.help = declared.get_description();
  option.default_value = declared.get_default_str();
  option.required = declared.get_required();
  option.several = declared.get_multi_option_policy() == CLI::MultiOptionPolicy::TakeAll ||
                   declared.get_items_expected_max() >= CLI::detail::expected_max_vector_size;
  if (declared.get_items_expected_max() > 0) read_type(declared.get_type_name(), option);
  if (declared.get_positional() && declared.get_type_name().starts_with("TEXT")) option.value = declared.get_name(true);
  const std::string one = option.value;
  for (int i = 1; i < declared.get_items_expected_min(); ++i) option.value += " " + one;  // three numbers, say
  return option;
}

namespace {

CommandReference describe_at(const CLI::App& app, const std::string& path) {
  CommandReference command;
  command.name = app.get_name();
  command.help = app.get_description();
  command.footer = app.get_footer();
  command.path = path;
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_group().empty()) continue;
    (option->get_positional() ? command.positionals : command.options).push_back(describe(*option));
  }
  for (const CLI::App* inner : app.get_subcommands([](const CLI::App* any) { return !any->get_group().empty(); }))
    command.commands.push_back(describe_at(*inner, path + "/" + inner->get_name()));
  return command;
}

}  // namespace

CommandReference describe(const CLI::App& app) {
  return describe_at(app, "");
}

std::vector<const CommandReference*> all_commands(const CommandReference& command) {
  std::vector<const CommandReference*> commands = {&command};
  for (const CommandReference& inner : command.commands)
    for (const CommandReference* each : all_commands(inner)) commands.push_back(each);
  return commands;
}

std::string explanation(const OptionReference& option) {
  std::string text = option.help;
  if (!option.choices.empty()) text += fmt::format("; one of {}", fmt::join(option.choices, ", "));
  if (!option.range.empty()) text += "; " + option.range;
  if (!option.default_value.empty()) text += "; default: " + option.default_value;
  if (option.required) text += "; required";
  return text;
}

std::string arguments(const CommandReference& command, std::string (*mark)(const std::string&)) {
  if (!command.commands.empty()) return " " + mark("COMMAND") + " ...";
  std::string text = command.options.empty() ? "" : " [" + mark("OPTION") + "]...";
  for (const OptionReference& argument : command.positionals) {
    const std::string name = mark(argument.value) + (argument.several ? "..." : "");
    text += argument.required ? " " + name : " [" + name + "]";
  }
  return text;
}

std::string first_clause(const std::string& text) {
  std::size_t end = text.find('\n');
  for (const std::string_view separator : {". ", "; "}) end = std::min(end, text.find(separator));
  return text.substr(0, end);
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
  return text;
}

}  // namespace pocketstyle::cli
