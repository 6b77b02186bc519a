// SPDX-License-Identifier: Apache-2.0
#include "cli/reference.h"

#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include <sstream>

namespace pocketstyle::cli {
namespace {

constexpr std::size_t kColumn = 28, kWidth = 110;  // where explanations begin, and where lines end

/// Words on lines of at most kWidth characters, each begun at kColumn; `line` is what the first has already.
std::string filled(std::string line, const std::string& text) {
  line = fmt::format("{:<{}}", line, kColumn);
  std::string page;
  const auto end_line = [&] {
    page += line + "\n";
    line = std::string(kColumn, ' ');
  };
  if (line.size() > kColumn) end_line();
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    if (line.size() > kColumn && line.size() + 1 + word.size() > kWidth) end_line();
    line += (line.size() > kColumn ? " " : "") + word;
  }
  end_line();
  return page;
}

std::string entry(const OptionReference& option) {
  std::string names = fmt::format("  {}", fmt::join(option.names, ", "));
  if (!option.is_flag()) names += (option.names.empty() ? "" : " ") + option.value;
  return filled(names + (option.several ? "..." : ""), explanation(option));
}

std::string entries(const std::string& title, const std::vector<OptionReference>& options) {
  if (options.empty()) return "";
  std::string page = "\n" + title + ":\n";
  for (const OptionReference& option : options) page += entry(option);
  return page;
}

}  // namespace

std::string help_page(const CommandReference& command, const std::string& name) {
  std::string page =
      command.help + "\n\nUsage: " + name + arguments(command, [](const std::string& word) { return word; }) + "\n";
  page += entries("Arguments", command.positionals) + entries("Options", command.options);
  if (!command.commands.empty()) page += "\nCommands:\n";
  for (const CommandReference& inner : command.commands) page += filled("  " + inner.name, inner.help);
  return page + (command.footer.empty() ? "" : "\n" + command.footer + "\n");
}

}  // namespace pocketstyle::cli
