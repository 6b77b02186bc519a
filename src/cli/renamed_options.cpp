// SPDX-License-Identifier: Apache-2.0
#include "cli/renamed_options.h"

#include "pocketstyle/core/log.h"

#include <array>
#include <string_view>

namespace pocketstyle::cli {
namespace {

struct RenamedOption {
  std::string_view command, old_name, name;
};
constexpr std::array kRenamedOptions = {
    RenamedOption{"compress", "--parallel", "--jobs"},        RenamedOption{"sweep", "--parallel", "--jobs"},
    RenamedOption{"export", "--max-loss", "--max-mean-diff"}, RenamedOption{"export", "--optimize", "--lowering"},
    RenamedOption{"optimize", "--steps", "--evaluations"},
};

}  // namespace

std::vector<std::string> with_current_names(std::vector<std::string> arguments) {
  if (arguments.empty()) return arguments;
  for (const RenamedOption& option : kRenamedOptions) {
    if (arguments.front() != option.command) continue;
    for (std::string& argument : arguments) {
      const bool has_value = argument.starts_with(std::string(option.old_name) + "=");
      if (argument != option.old_name && !has_value) continue;
      log()->warn("{} is called {} now", option.old_name, option.name);
      argument.replace(0, option.old_name.size(), option.name);
    }
  }
  return arguments;
}

}  // namespace pocketstyle::cli
