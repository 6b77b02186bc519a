// SPDX-License-Identifier: Apache-2.0
#include "cli/commands.h"
#include "cli/reference.h"

#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <string>

namespace pocketstyle::cli {

void add_generate(CLI::App& app) {
  static const std::map<std::string, std::function<std::string(const CommandReference&)>> kKinds = {
      {"man", manual_page}, {"bash", bash_completion}, {"zsh", zsh_completion}, {"fish", fish_completion}};
  const auto kind = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("generate", "The manual page, or a shell's completions");
  command->group("");  // for packages, which install them
  command->add_option("kind", *kind, "Which")->check(CLI::IsMember(kKinds))->required();
  command->callback([&app, kind] { std::cout << kKinds.at(*kind)(describe(app)); });
}

}  // namespace pocketstyle::cli
