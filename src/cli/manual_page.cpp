// SPDX-License-Identifier: Apache-2.0
#include "cli/reference.h"

#include "pocketstyle/core/version.h"

#include <spdlog/fmt/fmt.h>

#include <string>

namespace pocketstyle::cli {
namespace {

/// Text as troff wants it: no escapes or requests of its own, and dashes that can be copied.
std::string roff(std::string text) {
  text = replaced(replaced(std::move(text), "\\", "\\e"), "-", "\\-");
  text = replaced(replaced(std::move(text), "\n.", "\n\\&."), "\n'", "\n\\&'");
  return text.starts_with('.') || text.starts_with('\'') ? "\\&" + text : text;
}

std::string bold(const std::string& text) {
  return "\\fB" + roff(text) + "\\fR";
}

std::string italic(const std::string& text) {
  return "\\fI" + roff(text) + "\\fR";
}

std::string option_entry(const OptionReference& option) {
  std::string names;
  for (const std::string& name : option.names) names += (names.empty() ? "" : ", ") + bold(name);
  if (!option.is_flag()) names += (names.empty() ? "" : " ") + italic(option.value);
  return ".TP\n" + names + (option.several ? " ..." : "") + "\n" + roff(explanation(option)) + "\n";
}

std::string synopsis(const CommandReference& command) {
  return bold("pocketstyle" + replaced(command.path, "/", " ")) + arguments(command, italic) + "\n";
}

/// Examples keep their lines.
std::string footer(const CommandReference& command) {
  return command.footer.empty() ? "" : ".PP\n.nf\n" + roff(command.footer) + "\n.fi\n";
}

std::string command_section(const CommandReference& command) {
  std::string page = ".SS " + bold("pocketstyle" + replaced(command.path, "/", " ")) + "\n" + roff(command.help) +
                     ".\n" + ".PP\n" + synopsis(command);
  for (const OptionReference& argument : command.positionals) page += option_entry(argument);
  for (const OptionReference& option : command.options)
    if (option.names.back() != "--help") page += option_entry(option);
  return page + footer(command);
}

}  // namespace

std::string manual_page(const CommandReference& program) {
  std::string page = fmt::format(".TH POCKETSTYLE 1 \"\" \"pocketstyle {}\" \"User Commands\"\n", version());
  page += ".SH NAME\npocketstyle \\- train, shrink, export and use style transfer networks\n";
  page += ".SH SYNOPSIS\n" + synopsis(program) + ".SH DESCRIPTION\n" + roff(program.help) + "\n";
  for (const OptionReference& option : program.options) page += option_entry(option);
  page += footer(program) + ".SH COMMANDS\n";
  for (const CommandReference* command : all_commands(program))
    if (command != &program) page += command_section(*command);
  page +=
      ".SH ENVIRONMENT\n.TP\n\\fBPOCKETSTYLE_ASSETS\\fR\nThe folder third_party with VGG\\-16's weights, photos and "
      "style "
      "pictures, if it is not the installed one; models and configurations are beside it.\n";
  return page + ".SH SEE ALSO\nThe documents in /usr/share/doc/pocketstyle; usage.md has an example of each command.\n";
}

}  // namespace pocketstyle::cli
